"""What did not hold, one alert each: which artefact, step and test, whose it is, and what to type next."""

from dataclasses import dataclass

from verifier.verdict import Place, Status


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert on one model.

    `artefact` is the file concerned, such as `train/weights.safetensors`, or the bundle; `step` is the step that
    made it, empty where none did; `test` is check and subject, such as `rebuild train`. `status` is *failed*,
    *not checked*, or *passed* for a warning. `owner` and `escalation` are the contract's, empty where there is
    none; `rerun` is the command that shows it again. `place` is the line to look at.
    """

    model: str
    version: str
    test: str
    check: str
    status: Status
    artefact: str
    step: str
    detail: str
    owner: str
    escalation: str
    rerun: str
    place: Place | None
    lines: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The alert in one line."""
        step = f"step {self.step}, " if self.step else ""
        return f"{self.model} {self.version}: {self.artefact}: {step}test {self.test}: {self.detail}"
