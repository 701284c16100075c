"""What a run came to, in a word and a line."""

from dataclasses import dataclass

from verifier.report.alerts import alerts_of
from verifier.report.printable import counted
from verifier.report.run import Run
from verifier.verdict import BY_SAMPLE, Status

VERIFIED, NOT_VERIFIED, NOTHING = "verified", "NOT VERIFIED", "nothing to check"


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The word that matters, and of what it is said; the text holds names as others wrote them."""

    word: str
    text: str

    @property
    def line(self) -> str:
        """Both."""
        return f"{self.word}: {self.text}"


def headline(run: Run) -> Headline:
    """Returns what a run came to; the word is *verified* only where the exit code is 0, of all by sample too."""
    if run.exit_code:
        return Headline(word=NOT_VERIFIED, text=_what_failed(run))
    if not run.verdicts:
        text = f"the change since {run.since} reaches no model" if run.since else "no model was asked for"
        return Headline(word=NOTHING, text=text)
    models = [f"{one.model} {one.version}" for one in run.verdicts]
    parts = [models[0] if len(models) == 1 else counted(len(models), "model")]
    warned = sum(one.warned for one in run.verdicts)
    parts += [f"{warned} with warnings"] if warned else []
    parts += [f"{len(run.unaffected)} not affected by the change"] if run.unaffected else []
    sampled = sum(one.level == BY_SAMPLE for one in run.verdicts)
    if sampled:
        parts += [f"{sampled} of them by sample"] if len(models) > 1 else []
        return Headline(word=f"{VERIFIED} {BY_SAMPLE}", text=", ".join(parts))
    return Headline(word=VERIFIED, text=", ".join(parts))


def _what_failed(run: Run) -> str:
    alerts = [one for one in alerts_of(run) if one.status is not Status.PASSED]
    asked = len(run.verdicts) + len(run.troubles)
    bad = sum(not one.passed for one in run.verdicts) + len(run.troubles)
    if not asked:
        return "there is no verdict"
    doubt = "" if alerts[0].status is Status.FAILED else "not checked: "
    return f"{bad} of {counted(asked, 'model')}: {doubt}{alerts[0].sentence}"
