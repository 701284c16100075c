"""Remembers double builds that were equal, so that a derivation proven once costs no second build again."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from verifier.rebuild.folders import state_root
from verifier.report.target import replace_file

SCHEMA = "samebits/rebuild-record/v2"
MOST_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True)
class Record:
    """The NAR sha256 of every output that two builds of `derivation` agreed on, by derivation.

    `resources` is what its steps used when they were built, `calibration_seconds` how fast the machine was then.
    `passed` names the other checks that held of these outputs, those of the artefact's life and the variations;
    it is empty until all that were asked for have held.
    """

    derivation: str
    hashes: dict[str, str]
    date: str
    nix: str
    surroundings: str
    resources: dict[str, dict[str, object]] = field(default_factory=dict)
    calibration_seconds: float | None = None
    passed: list[str] = field(default_factory=list)

    @property
    def fit(self) -> bool:
        """Whether every field has its type."""
        texts = [self.derivation, self.date, self.nix, self.surroundings]
        tables = [self.hashes, self.resources, *(self.resources.values() if self.resources else ())]
        return (
            all(isinstance(text, str) for text in texts)
            and all(isinstance(table, dict) for table in tables)
            and (self.calibration_seconds is None or _is_plausible(self.calibration_seconds))
            and isinstance(self.passed, list)
            and all(isinstance(name, str) for name in self.passed)
        )


def _is_plausible(seconds: object) -> bool:
    """Returns whether a calibration can have taken so long; all times are divided by it."""
    return isinstance(seconds, float | int) and 0.001 <= seconds <= 1000


def path_of(derivation: str) -> Path:
    """Returns the file that a record about `derivation` is kept in."""
    return state_root() / "rebuilds" / f"{derivation.rsplit('/', 1)[-1].removesuffix('.drv')}.json"


def find(derivation: str) -> Record | None:
    """Returns the record about `derivation`; a file that is damaged counts as none."""
    try:
        with path_of(derivation).open("rb") as file:
            value = json.loads(file.read(MOST_BYTES))
        if value.pop("schema") != SCHEMA or value["derivation"] != derivation:
            return None
        record = Record(**value)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return record if record.fit else None


def forget(derivation: str) -> None:
    """Removes the record about `derivation`, which a later pair of builds did not bear out."""
    path_of(derivation).unlink(missing_ok=True)


def now() -> str:
    """Returns the date of a record that is made now."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def remember(record: Record) -> None:
    """Writes the record about an equal double build, beside first and then by rename."""
    path = path_of(record.derivation)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"schema": SCHEMA, **asdict(record)}, indent=2) + "\n"
    replace_file(path, content.encode("utf-8"))
