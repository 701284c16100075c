"""Names the implementations: which explainer looks into which file, and what happens where it cannot."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from verifier.compare import Pair
from verifier.explain.arrays import explain_npy
from verifier.explain.documents import explain_json, explain_yaml
from verifier.explain.findings import Context, Explainer, Fact, Finding, OtherKind
from verifier.explain.gzips import explain_gzip
from verifier.explain.noted import explain_decisions, explain_noted
from verifier.explain.pickles import explain_pickle
from verifier.explain.raw import explain_bytes
from verifier.explain.tars import explain_tar
from verifier.explain.tensors import explain_safetensors
from verifier.explain.texts import explain_text
from verifier.explain.training_steps import explain_steps
from verifier.explain.zips import explain_zip
from verifier.trace import DECISIONS, STEPS, TENSORS

BY_NAME: dict[str, Explainer] = {
    STEPS: explain_steps,
    TENSORS: explain_noted,
    DECISIONS: explain_decisions,
}
BY_SUFFIX: dict[str, Explainer] = {
    ".safetensors": explain_safetensors,
    ".npy": explain_npy,
    ".json": explain_json,
    ".yaml": explain_yaml,
    ".yml": explain_yaml,
    ".pkl": explain_pickle,
    ".pickle": explain_pickle,
    ".tar": explain_tar,
}
# What a file begins with, and where; both files have to.
BY_MAGIC: tuple[tuple[int, bytes, Explainer], ...] = (
    (0, b"PK\x03\x04", explain_zip),
    (0, b"PK\x05\x06", explain_zip),
    (0, b"\x1f\x8b", explain_gzip),
    (0, b"\x93NUMPY", explain_npy),
    (257, b"ustar", explain_tar),
    *((0, bytes((0x80, version)), explain_pickle) for version in range(2, 6)),
)
ARCHIVES = (explain_zip, explain_gzip, explain_tar)
PROBED_BYTES = 264


def explain_files(pair: Pair, context: Context) -> Iterator[Finding]:
    """Yields what differs in two files that differ: at least one finding.

    A file that is not what its name or beginning promises is compared as text or bytes, and that is said.
    """
    doubts: list[str] = []
    packed: frozenset[Fact] = frozenset()
    for explainer in _explainers(pair):
        any_found = False
        try:
            for finding in explainer(pair, context):
                any_found = True
                yield finding
        except OtherKind as error:
            doubts.append(str(error))
            continue
        if any_found:
            return
        doubts.append("what is in them is equal, and only written or packed otherwise")
        packed = frozenset({Fact.COMPRESSION if explainer in ARCHIVES else Fact.LAYOUT})
    findings = _plainly(pair, context)
    if not findings:  # they became equal while they were read
        return
    first, *others = findings
    reason = f" (compared as plain content: {'; '.join(doubts)})" if doubts else ""
    yield replace(first, sentence=first.sentence + reason, facts=first.facts | packed)
    yield from others


def _plainly(pair: Pair, context: Context) -> list[Finding]:
    try:
        return list(explain_text(pair, context))
    except OtherKind:
        return list(explain_bytes(pair, context))


def _explainers(pair: Pair) -> list[Explainer]:
    name = PurePosixPath(pair.name.rpartition("!")[2]).name if pair.name != "." else pair.first.name
    beginnings = [_beginning(path) for path in (pair.first, pair.second)]
    chosen = [BY_NAME.get(name), BY_SUFFIX.get(PurePosixPath(name).suffix.lower())]
    for offset, magic, explainer in BY_MAGIC:
        if all(content[offset : offset + len(magic)] == magic for content in beginnings):
            chosen.append(explainer)
    return list(dict.fromkeys(explainer for explainer in chosen if explainer is not None))


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(PROBED_BYTES)
