"""Remembers double builds that were equal, so that a derivation proven once costs no second build again."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from verifier.rebuild.folders import state_root

SCHEMA = "samebits/rebuild-record/v1"


@dataclass(frozen=True, kw_only=True)
class Record:
    """The NAR sha256 of every output that two builds of `derivation` agreed on, by derivation."""

    derivation: str
    hashes: dict[str, str]
    date: str
    nix: str
    surroundings: str


def path_of(derivation: str) -> Path:
    """Returns the file that a record about `derivation` is kept in."""
    return state_root() / "rebuilds" / f"{derivation.rsplit('/', 1)[-1].removesuffix('.drv')}.json"


def find(derivation: str) -> Record | None:
    """Returns the record about `derivation`; a file that is damaged counts as none."""
    try:
        value = json.loads(path_of(derivation).read_text(encoding="utf-8"))
        if value.pop("schema") != SCHEMA or value["derivation"] != derivation:
            return None
        return Record(**value)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def forget(derivation: str) -> None:
    """Removes the record about `derivation`, which a later pair of builds did not bear out."""
    path_of(derivation).unlink(missing_ok=True)


def remember(derivation: str, hashes: dict[str, str], *, nix: str, surroundings: str) -> None:
    """Writes the record about an equal double build, beside first and then by rename."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    record = Record(derivation=derivation, hashes=hashes, date=now, nix=nix, surroundings=surroundings)
    path = path_of(derivation)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps({"schema": SCHEMA, **asdict(record)}, indent=2) + "\n", encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
