"""Reads what `verifier check --json` wrote, of this format or the one before it."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from verifier.errors import BadInput
from verifier.explain.findings import Cause, Explanation, Fact, Finding
from verifier.explain.pictured import Parting, TensorDifference
from verifier.report.document import VERDICTS
from verifier.report.run import Run, Trouble, Unaffected
from verifier.schemas import OWN, mismatch, parse_json
from verifier.verdict import BITWISE, Explained, Kept, Origin, Place, Row, Sample, Status, Times, Verdict

SCHEMA = OWN / "verdicts.schema.json"
MOST_BYTES = 32 << 20
GIVE = "Name what `verifier check --json` wrote."
NEWER = "Read it with the Samebits that wrote it, or a newer one."
OLDER = "samebits/verdicts/v1"
FORMAT = re.compile(r"samebits/verdicts/v([1-9][0-9]{0,8})")
Json = Mapping[str, object]
Objects = Sequence[Json]


def read_runs(path: Path, advice: str = GIVE) -> list[Run]:
    """Returns the runs that a file tells of.

    Raises:
        BadInput: as `read_verdicts`.
    """
    return [run_of(read_verdicts(path, advice=advice))]


def read_verdicts(path: Path, *, advice: str = GIVE) -> dict[str, object]:
    """Returns a document in the present format, whichever it was written in.

    Raises:
        BadInput: it cannot be read, is half-written, is of a newer format, or is something else.
    """
    try:
        if not path.is_file():
            what = "is no plain file" if path.exists() else "does not exist"
            raise BadInput(f"{path} {what}", advice=advice)
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(f"{path} is larger than {MOST_BYTES:,} bytes", advice=advice)
        value = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as JSON: {error}", advice=advice) from error
    return present(value, str(path), advice)


def present(value: object, name: str, advice: str = GIVE) -> dict[str, object]:
    """Returns a parsed document in the present format; `name` is what the sentence calls it.

    Raises:
        BadInput: it is of a newer format, or something else.
    """
    document = upgraded(value, name)
    if document.get("schema") != VERDICTS:
        raise BadInput(f"{name} is not what `verifier check --json` writes", advice=advice)
    wrong = mismatch(document, SCHEMA)
    if wrong is not None:
        raise BadInput(f"{name}{wrong}", advice=advice)
    refuse_contradiction(document, name, advice)
    return document


def refuse_contradiction(document: Json, name: str, advice: str = GIVE) -> None:
    """Returns if no row of a document that matches the schema passed against its own two hashes.

    Raises:
        BadInput: one did: builds that agree to the last bit, as the verdict says, have the same hash.
    """
    for verdict in cast(Objects, document["verdicts"]):
        for row in cast(Objects, verdict["rows"]) if verdict["level"] == BITWISE else ():
            hashes = row["first_sha256"], row["second_sha256"]
            if row["status"] == Status.PASSED and None not in hashes and hashes[0] != hashes[1]:
                what = f"{row['check']} {row['subject']} of {verdict['model']} passed with two hashes"
                raise BadInput(f"{name} contradicts itself: {what}", advice=advice)


def upgraded(value: object, name: str) -> dict[str, object]:
    """Returns a document with what an older format lacks; the caller holds it against the schema.

    Raises:
        BadInput: it is of a newer format.
    """
    if not isinstance(value, dict):
        return {}
    schema = value.get("schema")
    found = FORMAT.fullmatch(schema) if isinstance(schema, str) else None
    if found and f"v{found[1]}" not in (OLDER[-2:], VERDICTS[-2:]):
        raise BadInput(
            f"{name} was written by a newer Samebits: its format is {schema}, this one reads {VERDICTS}",
            advice=NEWER,
        )
    return _upgraded(value) if schema == OLDER else value


def _upgraded(value: dict[str, object]) -> dict[str, object]:
    """Returns a document of the first format in the second; what nobody took down then stays empty."""
    verdict: Json = {"owner": "", "escalation": "", "metrics": {}}
    explained: Json = {"tensors": [], "partings": []}
    changed = {
        "schema": VERDICTS,
        "verdicts": _added(
            value.get("verdicts"),
            verdict,
            lambda one: {
                "rows": _added(one.get("rows"), {"place": None}),
                "explained": _added(one.get("explained"), explained),
            },
        ),
        "errors": _added(value.get("errors"), {"place": None, "owner": "", "escalation": ""}),
    }
    return {**value, "time": "", "since": None, "why": {}, "unaffected": [], **changed}


def _added(value: object, more: Json, inner: Callable[[Json], Json] = lambda _: {}) -> object:
    """Returns a list of objects with more in each; what is no such list stays, and the schema refuses it."""
    if not isinstance(value, list):
        return value
    return [{**one, **more, **inner(one)} if isinstance(one, dict) else one for one in value]


def run_of(document: Json) -> Run:
    """Returns the run that a document of the present format tells of; it has matched the schema."""
    return Run(
        time=str(document["time"]),
        verdicts=tuple(verdict_of_document(one) for one in cast(Objects, document["verdicts"])),
        troubles=tuple(
            Trouble(**{**one, "place": _place(one["place"])})  # type: ignore[arg-type]
            for one in cast(Objects, document["errors"])
        ),
        unaffected=tuple(Unaffected(**one) for one in cast(list[dict[str, str]], document["unaffected"])),
        since=cast(str | None, document["since"]),
        why=tuple(cast(Mapping[str, str], document["why"]).items()),
    )


def verdict_of_document(one: Json) -> Verdict:
    """Returns a verdict as it was; what is not in the document, such as the release, is not in it either."""
    plain = {key: value for key, value in one.items() if key != "verified"}
    parts = {
        "rows": tuple(map(_row, cast(Objects, one["rows"]))),
        "kept": tuple(Kept(**kept) for kept in cast(list[dict[str, str]], one["kept"])),  # type: ignore[arg-type]
        "explained": tuple(map(_explained, cast(Objects, one["explained"]))),
        "origin": _origin(one["origin"]),
        "sample": _sample(one.get("sample")),
    }
    return Verdict(**{**plain, **parts})  # type: ignore[arg-type]


def _row(row: Json) -> Row:
    differences = tuple(cast(Sequence[str], row["differences"]))
    status = Status(str(row["status"]))
    changed = {"status": status, "place": _place(row["place"]), "differences": differences}
    return Row(**{**row, **changed})  # type: ignore[arg-type]


def _place(place: object) -> Place | None:
    return Place(**cast(dict[str, object], place)) if place else None  # type: ignore[arg-type]


def _explained(one: Json) -> Explained:
    cause = cast(dict[str, str] | None, one["probable_cause"])
    return Explained(
        subject=str(one["subject"]),
        explanation=Explanation(
            findings=tuple(map(_finding, cast(Objects, one["findings"]))),
            left_out=cast(int, one["left_out"]),
            cause=None if cause is None else Cause(**cause),
        ),
        replayed=tuple(cast(Sequence[str], one["replayed"])),
        tensors=tuple(
            TensorDifference(**{**tensor, "histogram": tuple(cast(list[int], tensor["histogram"]))})  # type: ignore[arg-type]
            for tensor in cast(Objects, one["tensors"])
        ),
        partings=tuple(map(_parting, cast(Objects, one["partings"]))),
    )


def _finding(finding: Json) -> Finding:
    known = set(Fact)
    facts = frozenset(Fact(fact) for fact in cast(Sequence[str], finding["facts"]) if fact in known)
    return Finding(**{**finding, "facts": facts})  # type: ignore[arg-type]


def _parting(parting: Json) -> Parting:
    points = {
        side: tuple((int(step), float(value)) for step, value in cast(list[list[float]], parting[side]))
        for side in ("first", "second")
    }
    return Parting(**{**parting, **points})  # type: ignore[arg-type]


def _sample(sample: object) -> Sample | None:
    if sample is None:
        return None
    said = cast(dict[str, object], sample)
    return Sample(**{**said, "chunks": tuple(cast(list[int], said["chunks"]))})  # type: ignore[arg-type]


def _origin(origin: object) -> Origin | None:
    if origin is None:
        return None
    said = cast(dict[str, object], origin)
    times = {
        side: Times(**cast(dict[str, str], said[side])) if said[side] else None
        for side in ("first", "second")
    }
    return Origin(**{**said, **times})  # type: ignore[arg-type]
