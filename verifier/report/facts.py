"""What an alert says, fact by fact, and the place it points at: shared by all files that list alerts."""

from pathlib import PurePosixPath

from verifier.report.alerts import Alert
from verifier.report.printable import printable
from verifier.verdict import Place, Status

MARKS = {Status.FAILED: "failed", Status.NOT_CHECKED: "not checked", Status.PASSED: "warning"}
LONGEST = 500


def cut(text: str, most: int = LONGEST) -> str:
    """Returns text that can be shown, of at most so many characters; what is cut ends in an ellipsis."""
    shown = printable(text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def facts(alert: Alert) -> list[tuple[str, str]]:
    """Returns the known facts, each with its label and all but the command cut; what nobody named is left out."""
    place = place_of(alert.place)
    found = [
        ("artefact", alert.artefact),
        ("step", alert.step),
        ("test", alert.test),
        ("place", f"{place.file}:{place.line}" if place else ""),
        ("owner", alert.owner),
        ("escalation", alert.escalation),
    ]
    known = [(label, cut(value)) for label, value in found if value]
    # Whole, for half a command is another command.
    return [*known, *([("run again", printable(alert.rerun))] if alert.rerun else [])]


def place_of(place: Place | None) -> Place | None:
    """Returns a place that lies in the repository, or none: a stored file may name any."""
    if place is None or not place.file or place.line < 1:
        return None
    path = PurePosixPath(place.file)
    return None if path.is_absolute() or ".." in path.parts else place
