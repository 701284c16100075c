"""The releases of a model, as text and as JSON (schema: verifier/schemas/history.schema.json)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import cast

from verifier.release.changes import Change, changes, headline, kinds_of
from verifier.release.releases import Release
from verifier.report.printable import printable
from verifier.report.tables import table

HEAD = ("version", "date", "level", "identifier", "changed", "metrics")
FIRST = "first release"
# A line for people; the JSON has all of them.
MOST_SCALARS = 3


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two releases of a model, and what changed between them."""

    first: str
    second: str
    changes: tuple[Change, ...]


def history_text(model: str, current: str, releases: Sequence[Release]) -> str:
    """Returns a table of all releases, and the version that `model.nix` states where it is not among them."""
    released = any(release.version == current for release in releases)
    if not releases:
        return printable(f"{model} has no release yet; make one with: verifier release {model}")
    rows = [_row(*pair) for pair in _pairs(releases)]
    lines = [printable(model), table(HEAD, rows)]
    return "\n\n".join(lines if released else [*lines, printable(f"{current}: not released")])


def comparison_text(model: str, found: Comparison) -> str:
    """Returns all changes between two releases, a line each."""
    title = printable(f"{model} {found.first} → {found.second}: {headline(found.changes)}")
    rows = [(change.kind, change.subject, change.detail) for change in found.changes]
    return f"{title}\n\n{table(('kind', 'subject', 'change'), rows)}" if rows else title


def history_document(
    model: str, current: str, releases: Sequence[Release], comparison: Comparison | None
) -> dict[str, object]:
    """Returns what `verifier history --json` writes."""
    return {
        "schema": "samebits/history/v1",
        "model": model,
        "current": {"version": current, "released": any(one.version == current for one in releases)},
        "releases": [_entry(*pair) for pair in _pairs(releases)],
        "comparison": comparison and asdict(comparison),
    }


def _pairs(releases: Sequence[Release]) -> list[tuple[Release | None, Release]]:
    """Returns each release with the one before it."""
    return list(zip((None, *releases), releases, strict=False))


def _row(before: Release | None, release: Release) -> tuple[str, ...]:
    document = cast(Mapping[str, str], release.document)
    changed = FIRST if before is None else headline(changes(before.document, release.document))
    what = (document["date"], document["level"], document["identifier"])
    return (release.version, *what, changed, _scalars(release))


def _scalars(release: Release) -> str:
    found = _metrics(release)
    shown = [f"{name} {json.dumps(value)}" for name, value in list(found.items())[:MOST_SCALARS]]
    more = [f"{len(found) - MOST_SCALARS} more"] if len(found) > MOST_SCALARS else []
    return ", ".join([*shown, *more])


def _metrics(release: Release) -> Mapping[str, float]:
    return cast(Mapping[str, Mapping[str, float]], release.document["metrics"])["scalars"]


def _entry(before: Release | None, release: Release) -> dict[str, object]:
    document = release.document
    changed = [] if before is None else kinds_of(changes(before.document, document))
    return {
        "version": release.version,
        "date": document["date"],
        "level": document["level"],
        "identifier": document["identifier"],
        "digest": release.digest,
        "changed": changed,
        "metrics": dict(_metrics(release)),
    }
