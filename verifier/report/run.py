"""What one `verifier check` came to: every file that reports it is drawn from this, and so from the same rows."""

from dataclasses import dataclass

from verifier.errors import BadInput, VerifierError
from verifier.verdict import Place, Verdict


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What kept a model from a verdict: an error; `exit_code` is 2 or 3, `place` the line to look at, if known.

    `owner` and `escalation` are the contract's, empty where there is none.
    """

    model: str
    sentence: str
    advice: str
    exit_code: int
    place: Place | None = None
    owner: str = ""
    escalation: str = ""


def trouble_of(model: str, error: VerifierError) -> Trouble:
    """Returns an error as what kept `model` from a verdict."""
    return Trouble(model=model, sentence=error.sentence, advice=error.advice, exit_code=error.exit_code)


@dataclass(frozen=True, kw_only=True)
class Unaffected:
    """A model that was not checked because the change does not reach it, and how that is known."""

    model: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """Verdicts, troubles, and models that were left out; `time` is when it ended (RFC 3339, UTC; or empty).

    `since` is the revision with which the flake was compared, if it was; `why` says of a checked model why it was.
    """

    time: str
    verdicts: tuple[Verdict, ...]
    troubles: tuple[Trouble, ...] = ()
    unaffected: tuple[Unaffected, ...] = ()
    since: str | None = None
    why: tuple[tuple[str, str], ...] = ()

    @property
    def exit_code(self) -> int:
        """1 if any check failed, else the gravest of the troubles, else what was not checked, else 0."""
        codes = [verdict.exit_code for verdict in self.verdicts] + [one.exit_code for one in self.troubles]
        if not codes:  # nothing at all is no success unless the change reaches no model
            return 0 if self.unaffected else BadInput.exit_code
        return 1 if 1 in codes else max(codes)
