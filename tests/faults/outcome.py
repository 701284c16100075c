"""What the verifier said about a fault, read from its JSON: what caught it, and whether it explained it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.faults.corpus import Fault

# How a step that is refused says so, in the sentence of the error; the first that fits counts.
REFUSALS = (
    ("guard", re.compile(r"gives other bits on another processor|is a pickle|with \d+ threads, declared")),
    ("sandbox", re.compile(r"tried to use the network|FileNotFoundError|PermissionError")),
    ("lock", re.compile(r"ModuleNotFoundError|has no lock|attribute '[^']+' missing")),
)
# What the verifier says of variations that it leaves out once something differs.
LEFT_OUT = "not tried"
STEP = re.compile(r"\bstep \d+\b")
Json = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What caught the model, everything that did not pass for another reason, and the text of the explanation."""

    caught_by: tuple[str, ...]
    not_checked: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one fault, held against what it asks for."""

    fault: Fault
    said: Said
    seconds: float

    @property
    def caught(self) -> bool:
        """Whether something fit caught it; where nothing fit is known, and for a control, whether anything did."""
        if not self.fault.caught_by:
            return bool(self.said.caught_by)
        return any(word in self.fault.caught_by for word in self.said.caught_by)

    @property
    def explained(self) -> bool:
        """Whether the explanation names the file."""
        asked = self.fault.explained_as
        return asked is not None and self.caught and asked.file.lower() in self.said.text.lower()

    @property
    def named(self) -> bool:
        """Whether it has the words, too, by which one knows the cause."""
        asked = self.fault.explained_as
        text = self.said.text.lower()
        return asked is not None and self.explained and all(word.lower() in text for word in asked.words)

    @property
    def to_the_step(self) -> bool:
        """Whether the explanation names a training step."""
        return self.caught and STEP.search(self.said.text) is not None


def read_document(document: Json, step: str) -> Said:
    """Reads what `verifier check --json` wrote about one model whose fault lies in `step`."""
    errors = _objects(document.get("errors"))
    if errors:
        sentences = " ".join(f"{error['sentence']} {error['advice']}" for error in errors)
        refused = next((name for name, pattern in REFUSALS if pattern.search(sentences)), None)
        return Said(
            caught_by=(refused,) if refused else (),
            not_checked=() if refused else (f"error: {sentences}",),
            text=sentences,
        )
    (verdict,) = _objects(document.get("verdicts"))
    rows = _objects(verdict["rows"])
    failed = [row for row in rows if row["status"] == "failed" and not row.get("inherited")]
    unchecked = tuple(
        f"{row['check']} {row['subject']}"
        for row in rows
        if row["status"] == "not checked" and not str(row.get("detail")).startswith(LEFT_OUT)
    )
    return Said(
        caught_by=tuple(dict.fromkeys(_catcher(row, step) for row in failed)),
        not_checked=unchecked,
        text="\n".join(_texts(failed, _objects(verdict.get("explained")))),
    )


def _catcher(row: Json, step: str) -> str:
    """Returns the word of the corpus for a row that failed; a row that no fault can mean keeps its own name."""
    if row["check"] == "variation":
        return str(row["subject"])
    # A second build that fails has one row for the whole model.
    whole = row["check"] == "rebuild" and row.get("second") == "failed"
    return "rebuild" if whole or row["subject"] == step else f"{row['check']} of {row['subject']}"


def _texts(failed: Sequence[Json], explanation: Sequence[Json]) -> Iterable[str]:
    """Yields every line that explains: of the rows, of the findings, and of the causes."""
    for row in failed:
        yield str(row.get("detail", ""))
        differences = row.get("differences")
        yield from (str(line) for line in differences) if isinstance(differences, list) else ()
    for one in explanation:
        for finding in _objects(one.get("findings")):
            yield f"{finding.get('path')}: {finding.get('place')}: {finding.get('sentence')}"
        cause = one.get("probable_cause")
        if isinstance(cause, dict):
            yield f"{cause.get('sentence')} {cause.get('evidence')} {cause.get('remedy')}"


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
