"""The verdict as text: a table, what differs first, and one verdict line."""

import re
import shlex
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace

from verifier.chain.sample import sample_words
from verifier.report.alerts import rerun
from verifier.report.explained import explanation_lines
from verifier.report.printable import printable as _printable
from verifier.report.tables import table
from verifier.verdict import (
    BITWISE,
    BY_SAMPLE,
    CHUNK,
    CLAIMED,
    METRIC,
    ON,
    REBUILD,
    REBUILDER,
    UNDER,
    VARIATION,
    Explained,
    Row,
    Sample,
    Status,
    Verdict,
)

MARKS = {Status.PASSED: "ok", Status.FAILED: "FAILED", Status.NOT_CHECKED: "not checked"}
# A metric of a class or of a slice; a scalar's own name may hold a slash too.
SLICED = re.compile(r"(.+? of (?:classes|slices))/")
CHUNKS = "chunks"
MOST_FILES = 10
MOST_KEPT = 3
MOST_NUMBERS = 20


def verdict_text(verdict: Verdict) -> str:
    """Returns the whole report of one model, without colour: the verdict, all rows, and what differs first."""
    parts = [
        verdict_line(verdict),
        _table(verdict.rows),
        *_first_difference(verdict),
        "\n".join(_closing(verdict)),
    ]
    return "\n\n".join(part for part in parts if part)


def verdict_line(verdict: Verdict) -> str:
    """Returns the one line on a model: that it is verified, or the first reason why not."""
    if verdict.passed:
        return verified_line(verdict)
    row = verdict.first_failure
    reason = f"{row.check} {row.subject}: {row.detail}" if row else "not everything could be checked"
    return _printable(f"NOT VERIFIED  {verdict.model} {verdict.version}: {reason}")


def verified_line(verdict: Verdict) -> str:
    """Returns the one line on a model that is verified, or of which a sample is."""
    title = _printable(f"{verdict.model} {verdict.version}")
    if verdict.sample is not None:
        return f"verified {BY_SAMPLE}  {title}: {sample_words(verdict.sample)}"
    varied = sum(row.check == VARIATION for row in verdict.rows)
    variations = f" and {varied} variation{'s' if varied > 1 else ''}" if varied else ""
    hosts = {row.subject.rpartition(ON)[2] for row in verdict.rows if row.check == REBUILDER}
    elsewhere = "".join(f", one on {_printable(host)}" for host in sorted(hosts))
    builds = f"two builds on this machine{elsewhere}{variations}"
    claimed = [row.subject for row in verdict.rows if row.first == CLAIMED]
    if claimed:
        chunks = sum(CHUNK.fullmatch(name) is not None for name in claimed)
        pieces = f"all {chunks} chunks" if chunks else "every step"
        builds = f"{pieces} of the claim rebuilt, each from the claimed one before{variations}"
    if verdict.level != BITWISE:
        return f"verified {verdict.level}  {title}: {builds}, as close as the contract allows"
    if verdict.unchanged:
        return f"verified  {title}: unchanged; {builds} were equal to the last bit on {verdict.unchanged}"
    return f"verified  {title}: {builds}, equal to the last bit"


def _warnings(verdict: Verdict) -> list[str]:
    warned = [row for row in verdict.rows if row.warned]
    return [f"warned    {_printable(f'{row.check} {row.subject}: {row.detail}')}" for row in warned]


def comparison_text(first: str, second: str, differences: Sequence[str], *, steps: int | None = None) -> str:
    """Returns the report of `verifier compare`, of the first `steps` training steps or of everything."""
    first, second = _printable(first), _printable(second)
    if not differences:
        scope = f" in the first {steps} training steps" if steps else ""
        return f"equal: {first} and {second} are the same to the last bit{scope}"
    count = f"{len(differences)} {'place' if len(differences) == 1 else 'places'}"
    return "\n".join([*_files(differences), f"different: {first} and {second} differ in {count}"])


def _table(rows: Iterable[Row]) -> str:
    head = ("check", "subject", "first build", "second build", "result")
    return table(head, ((r.check, r.subject, r.first, r.second, _result(r)) for r in _folded(rows)))


def _folded(rows: Iterable[Row]) -> list[Row]:
    """Returns the rows, with one for all wheels that passed in the same way, all variations alike, all classes."""
    alike: dict[Row, list[Row]] = {}
    for row in rows:
        alike.setdefault(_key(row), []).append(row)
    return [_one_for(found) for found in alike.values()]


def _key(row: Row) -> Row:
    """Returns what is equal for rows that are shown as one."""
    part = row.check == REBUILD and row.status is Status.PASSED
    if part and CHUNK.fullmatch(row.subject):
        return replace(row, subject=CHUNKS, first_sha256=None, second_sha256=None)
    if (part and row.subject.startswith("wheel-")) or (
        row.check == VARIATION and row.status is not Status.FAILED
    ):
        return replace(row, subject="", first_sha256=None, second_sha256=None)
    sliced = SLICED.match(row.subject) if row.check == METRIC else None
    if sliced and row.status is Status.PASSED and not row.warned:
        return replace(row, subject=sliced[1], detail="")
    return row


def _one_for(rows: Sequence[Row]) -> Row:
    if len(rows) == 1:
        return rows[0]
    if rows[0].check == METRIC:
        name, _, kind = _key(rows[0]).subject.rpartition(" ")
        return replace(rows[0], subject=f"{name} {len(rows)} {kind}", detail="each as the contract has it")
    word = "of them" if rows[0].check == VARIATION else _key(rows[0]).subject or "wheels"
    return replace(rows[0], subject=f"{len(rows)} {word}")


def _result(row: Row) -> str:
    mark = "warning" if row.warned and row.status is Status.PASSED else MARKS[row.status]
    return f"{mark}: {row.detail}"


def _first_difference(verdict: Verdict) -> list[str]:
    row = verdict.first_failure
    if row is None or not (row.differences or verdict.explained):
        return []
    lines = [_heading(row)]
    if verdict.explained and row.check in (REBUILD, VARIATION, REBUILDER):
        for explained in verdict.explained:
            known = (row.subject, f"train{UNDER}{row.subject}")
            named = [f"  {_printable(explained.subject)}:"] if explained.subject not in known else []
            lines += [*named, *(f"  {'  ' if named else ''}{line}" for line in _moved(explained))]
    else:
        lines += [f"  {line}" for line in _files(row.differences)]
    lines += [f"  {line}" for line in _commands(verdict, row)]
    return ["\n".join(lines)]


def _moved(explained: Explained) -> list[str]:
    return [*explanation_lines(explained.explanation), *map(_printable, explained.replayed)]


def _commands(verdict: Verdict, row: Row) -> list[str]:
    """Returns what to type for a closer look at what is kept, and to see it again."""
    lines = []
    for kept in verdict.kept[:MOST_KEPT]:
        command = "explain" if kept.steps is None else f"compare --steps {kept.steps}"
        lines.append(_printable(f"both outputs of {kept.subject} are here; look closer with:"))
        lines.append(f"  verifier {command} {shlex.quote(kept.first)} {shlex.quote(kept.second)}")
    if len(verdict.kept) > MOST_KEPT:
        lines.append(f"… and {len(verdict.kept) - MOST_KEPT} more pairs are kept")
    if row.check in (VARIATION, REBUILD):
        what = "build it again with:" if row.check == REBUILD else "see it again with:"
        lines += [what, _printable(f"  {rerun(verdict, row)}")]
    return lines


def _heading(row: Row) -> str:
    if row.second == "failed":
        return "The second build's last words:"
    if row.check == VARIATION:
        return f"First to differ, under {row.subject}:"
    if row.check in (REBUILD, REBUILDER):
        return f"First to differ: {row.subject}"
    return f"Failed: {row.check}"


def _files(differences: Sequence[str]) -> list[str]:
    left_out = len(differences) - MOST_FILES
    more = [f"… and {left_out} more"] if left_out > 0 else []
    return [*(_printable(line) for line in differences[:MOST_FILES]), *more]


def _drawn(sample: Sample) -> str:
    """Returns which chunks were drawn, and by what."""
    numbers = ", ".join(map(str, sample.chunks[:MOST_NUMBERS])) + (
        " …" if sample.chunks[MOST_NUMBERS:] else ""
    )
    given = "" if sample.fresh else ", which was given"
    return f"chunks {numbers} by the nonce {sample.nonce}{given}, and the manifest {sample.manifest_sha256}"


def _closing(verdict: Verdict) -> list[str]:
    lines = [_printable(f"bundle    {verdict.bundle}  {verdict.path}")] if verdict.bundle else []
    if verdict.surroundings:
        lines.append(_printable(f"rebuilt   {verdict.surroundings}"))
    if verdict.sample:
        lines.append(_printable(f"drawn     {_drawn(verdict.sample)}"))
    if verdict.bundle and not any(row.check == METRIC for row in verdict.rows):
        lines.append("metrics   held against nothing: the flake shows no contract.yaml of this model")
    varied = [row.subject for row in verdict.rows if row.check == VARIATION and row.status is Status.PASSED]
    lines += textwrap.wrap(
        _printable(", ".join(varied)), 100, initial_indent="varied    ", subsequent_indent=" " * 10
    )
    return [*lines, *(_warnings(verdict) if verdict.passed else [])]
