"""Folders of what `verifier check --json` wrote: what is none of it is a sentence, and no end."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from verifier.clock import parse_time
from verifier.contract.files import read_plain
from verifier.errors import BadInput
from verifier.quick_schemas import quick_mismatch
from verifier.report.stored import (
    GIVE,
    MOST_BYTES,
    SCHEMA,
    refuse_contradiction,
    upgraded,
    verdict_of_document,
)
from verifier.schemas import parse_json
from verifier.site.records import Outcome
from verifier.verdict import BY_SAMPLE, Status, Verdict

ENDING = ".json"
MOST_FILES = 200_000
PASSED = str(Status.PASSED)
Json = Mapping[str, object]
Objects = Sequence[Json]
Numbers = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A check of a model, and what else its verdict says; `place` and `index` say where the verdict is."""

    model: str
    outcome: Outcome
    owner: str = ""
    escalation: str = ""
    metrics: Numbers = field(default_factory=dict)
    resources: Mapping[str, Numbers] = field(default_factory=dict)
    place: Path | None = None
    index: int = 0


@dataclass(frozen=True, kw_only=True)
class VerdictFile:
    """What a file told; `sha256` (hex) is that of its bytes, empty where it could not be read."""

    checks: tuple[Checked, ...] = ()
    problems: tuple[str, ...] = ()
    sha256: str = ""


def verdict_paths(place: Path, problems: list[str]) -> list[Path]:
    """Returns the file itself, or all files below a folder that end in `.json`, in order; what is hidden is not.

    Raises:
        BadInput: there is nothing.
    """
    if not os.path.lexists(place):
        raise BadInput(f"{place} does not exist", advice=GIVE)
    if not place.is_dir():
        return [place]
    found: list[Path] = []
    folders = [place]
    while folders:  # os.walk calls itself for each folder within a folder, of which there may be thousands
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            problems.append(_unread(error))
            continue
        entries = [entry for entry in entries if not entry.name.startswith(".")]
        inner = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
        folders += [folder / entry.name for entry in reversed(inner)]
        ours = (entry.name for entry in entries if entry not in inner and entry.name.endswith(ENDING))
        found += [folder / name for name in ours]
        if len(found) > MOST_FILES:
            problems.append(f"{place} holds more than {MOST_FILES:,} files; the rest was not read.")
            return found[:MOST_FILES]
    return found


def _unread(error: OSError) -> str:
    return f"{error.filename} cannot be read: {error.strerror}."


def read_verdict_file(path: Path) -> VerdictFile:
    """Returns what a file tells of each model; what is wrong with it is one of its problems."""
    try:
        content, document = _document(path)
    except BadInput as error:
        return VerdictFile(problems=(f"{error.sentence}.",))
    problems: list[str] = []
    time = _time(document["time"])
    checks = [
        _checked(one, index, path, time, problems)
        for index, one in enumerate(cast(Objects, document["verdicts"]))
    ]
    for trouble in cast(Objects, document["errors"]):
        checks += _troubled(trouble, path, time)
    return VerdictFile(
        checks=tuple(checks), problems=tuple(problems), sha256=hashlib.sha256(content).hexdigest()
    )


def _document(path: Path) -> tuple[bytes, Json]:
    content = read_plain(path, MOST_BYTES, advice=GIVE)
    try:
        value = parse_json(content.decode("utf-8"))
    except ValueError as error:
        raise BadInput(f"{path} cannot be read as JSON: {error}", advice=GIVE) from error
    document = upgraded(value, str(path))
    wrong = quick_mismatch(document, SCHEMA)
    if wrong is not None:
        raise BadInput(f"{path}{wrong}", advice=GIVE)
    refuse_contradiction(document, str(path))
    return content, document


def _checked(one: Json, index: int, path: Path, time: str, problems: list[str]) -> Checked:
    rows = cast(Objects, one["rows"])
    not_passed = tuple(f"{row['check']} {row['subject']}" for row in rows if row["status"] != PASSED)
    verified = bool(rows) and not not_passed and one["level"] != BY_SAMPLE
    if one["verified"] is not verified:
        says = "verified" if one["verified"] else "not verified"
        problems.append(f"{path} says that {one['model']} is {says}, and its rows say otherwise.")
    quiet = verified and not any(row["warned"] for row in rows)
    outcome = Outcome(
        time=time or _finished(one["origin"]),
        version=str(one["version"]),
        verified=verified,
        level=str(one["level"]),
        identifier=cast(str | None, one["bundle"]),
        not_passed=not_passed,
        source=str(path),
        verdict=None if quiet else verdict_of_document(one),
    )
    return Checked(
        model=str(one["model"]),
        outcome=outcome,
        owner=str(one["owner"]),
        escalation=str(one["escalation"]),
        metrics=cast(Numbers, one["metrics"]),
        resources=_used(cast(Mapping[str, Json], cast(Json, one["resources"])["first"])),
        place=path,
        index=index,
    )


def _used(steps: Mapping[str, Json]) -> dict[str, dict[str, float]]:
    """Returns the numbers of what each step used; the device is none."""
    return {
        step: {name: float(value) for name, value in used.items() if isinstance(value, int | float)}
        for step, used in steps.items()
    }


def _troubled(trouble: Json, path: Path, time: str) -> Iterator[Checked]:
    """Yields an outcome for each model of a trouble, which may name several, or none."""
    for name in str(trouble["model"]).split(", "):
        yield Checked(
            model=name,
            outcome=Outcome(
                time=time,
                version="",
                verified=False,
                level="",
                identifier=None,
                not_passed=(),
                source=str(path),
                trouble=str(trouble["sentence"]),
            ),
        )


def _time(text: object) -> str:
    """Returns a time in the one form that can be put in order; empty for another."""
    try:
        parse_time(text)
    except ValueError:
        return ""
    return str(text)


def _finished(origin: object) -> str:
    """Returns when the last build of an older verdict ended, which nobody took down for the verdict itself."""
    builds = cast(Mapping[str, Json | None], origin) if isinstance(origin, dict) else {}
    times = [_time(one["finished"]) for side in ("first", "second") if (one := builds.get(side))]
    return max(times, default="")


def verdict_in(checked: Checked) -> Verdict | None:
    """Returns the verdict of a check that was read before; None where its file has changed since."""
    try:
        verdicts = cast(Objects, _document(checked.place)[1]["verdicts"]) if checked.place else []
    except BadInput:
        return None
    found = verdict_of_document(verdicts[checked.index]) if checked.index < len(verdicts) else None
    outcome = checked.outcome
    before = checked.model, outcome.version, outcome.verified, outcome.identifier
    same = found is not None and (found.model, found.version, found.verified, found.bundle) == before
    return found if same else None
