"""What other commands wrote with --json, as entries: checks of another machine, and releases from git."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from verifier.errors import BadInput
from verifier.ledger.entries import CHECK, RELEASE, Json
from verifier.report.stored import read_verdicts
from verifier.schemas import OWN, read_json

GIVE = "Name what `verifier check --json` wrote, or a file of models/MODEL/releases."
KEPT = ("version", "identifier", "derivation", "manifest_sha256", "level", "date", "digest", "previous")


def entries_of(path: Path) -> list[tuple[str, str, Json]]:
    """Returns the entries that a document gives, each with its kind and subject.

    Raises:
        BadInput: it is no such document.
    """
    if not path.is_file():
        raise BadInput(f"{path} is no file", advice=GIVE)
    try:
        release = read_json(path, OWN / "release.schema.json", advice=GIVE)
    except BadInput:
        return checks_in(read_verdicts(path, advice=GIVE))
    return [(RELEASE, str(release["name"]), release_body(release))]


def checks_in(document: Json) -> list[tuple[str, str, Json]]:
    """Returns the entries of what `verifier check --json` writes."""
    return [_check(verdict, document["time"]) for verdict in cast(Sequence[Json], document["verdicts"])]


def release_body(release: Json) -> Json:
    """Returns what an entry says of a release."""
    return {name: release.get(name) for name in KEPT}


def _check(verdict: Json, time: object) -> tuple[str, str, Json]:
    origin = verdict["origin"]
    rows = cast(Sequence[Json], verdict["rows"])
    body: Json = {
        "time": time,  # when the check ended, which may be long before somebody records it
        "version": verdict["version"],
        "identifier": verdict["bundle"],
        "verified": verdict["verified"],
        "level": verdict["level"],
        "derivation": origin.get("derivation") if isinstance(origin, dict) else None,
        "unchanged": verdict["unchanged"],
        "not_passed": [f"{row['check']} {row['subject']}" for row in rows if row["status"] != "passed"],
    }
    return CHECK, str(verdict["model"]), body
