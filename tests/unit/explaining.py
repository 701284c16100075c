"""Pairs of small files, and what explaining says of them."""

import json
from pathlib import Path

from verifier.compare import Pair
from verifier.explain.findings import Allowance, Context, Finding
from verifier.explain.kinds import explain_files

MEBIBYTE = 1 << 20


def make_context(*, unpacked_bytes: int = 16 * MEBIBYTE, programs: bool = False) -> Context:
    return Context(inner=explain_files, allowance=Allowance(unpacked_bytes), programs=programs)


def make_pair(folder: Path, first: bytes, second: bytes, name: str = "file") -> Pair:
    """Writes two files of one name."""
    for side, content in (("first", first), ("second", second)):
        (folder / side / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / side / name).write_bytes(content)
    return Pair(first=folder / "first" / name, second=folder / "second" / name, name=name)


def explained(folder: Path, first: bytes, second: bytes, name: str = "file") -> list[Finding]:
    return list(explain_files(make_pair(folder, first, second, name), make_context()))


def spoken(findings: list[Finding]) -> str:
    """Returns places and sentences, a line each."""
    return "\n".join(f"{finding.place}: {finding.sentence}" for finding in findings)


def safetensors_bytes(header: object, data: bytes = b"", *, length: int | None = None) -> bytes:
    """Returns a file with this header, which may be wrong: text, or what is to be JSON."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(dtype: str, shape: list[int], start: int, end: int) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
