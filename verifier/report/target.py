"""Where a document goes: written whole or not at all, to a file or to stdout."""

import ctypes
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from verifier.errors import BadInput

# linux/fs.h: exchanges two names at once. Python has no function for it.
RENAME_EXCHANGE, AT_FDCWD = 2, -100


def resolved(path: Path) -> Path:
    """Returns where a path leads.

    Raises:
        BadInput: its links lead in a circle.
    """
    try:
        return path.resolve()
    except RuntimeError as error:
        raise BadInput(f"the links of {path} lead in a circle", advice="Name another place.") from error


def refuse_target(target: str | None, option: str = "--json", *, judged: Sequence[Path] = ()) -> None:
    """Returns if what the option names can be written; it would be a pity to learn that after an hour of building.

    What is `judged` must not change by that: nothing is written into it or over it.

    Raises:
        BadInput: it cannot.
    """
    if target is None or target == "-":
        return
    path = resolved(Path(target))
    for place in judged:
        if path.is_relative_to(resolved(place)):
            raise BadInput(f"{option}: {target!r} would change {place}", advice="Name a file elsewhere.")
    try:
        if not target or path.is_dir():
            raise IsADirectoryError("it is a folder, or has no name")
        if path.is_file() or not path.exists():
            trial = path.with_name(f".{path.name}.{os.getpid()}")
            trial.touch(exist_ok=False)
            trial.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(
            f"{option}: {target!r} cannot be written: {reason}", advice="Name a file in a folder of yours."
        ) from error


def beside(target: str | None) -> TextIO:
    """Returns where the report for people goes: to stderr where the JSON takes stdout."""
    return sys.stderr if target == "-" else sys.stdout


def write_document(document: dict[str, object], target: str) -> None:
    """Writes JSON to the file `target`, beside first and then by rename; `-` is stdout.

    Raises:
        OSError: the place cannot be written.
    """
    write_bytes(document_text(document), target)


def document_text(document: dict[str, object]) -> bytes:
    """Returns JSON as it is written, in UTF-8."""
    # A file's name need not be text, and may be written to turn a terminal: what is not printable is escaped.
    readable = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    text = "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in readable)
    return text.encode("utf-8")


def write_bytes(content: bytes, target: str) -> None:
    """Writes UTF-8 text in the same way.

    Raises:
        OSError: the place cannot be written.
    """
    if target == "-":
        sys.stdout.write(content.decode("utf-8"))
        return
    path = Path(target).resolve()
    if path.exists() and not path.is_file():  # a device or a pipe is written to, never replaced
        path.write_bytes(content)
        return
    replace_file(path, content)


def replace_file(path: Path, content: bytes) -> None:
    """Writes a file beside first and then by rename.

    Raises:
        OSError: the place cannot be written; what was there is as it was.
    """
    trial = path.with_name(f".{path.name}.{os.getpid()}")
    opened = trial.open("xb")  # not through a link that somebody has put there
    try:
        with opened:
            opened.write(content)
        trial.replace(path)
    finally:
        trial.unlink(missing_ok=True)


def exchange(first: Path, second: Path) -> None:
    """Exchanges what two names stand for, at once.

    Raises:
        OSError: one of them is not there, or they cannot be exchanged.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(first), os.fsencode(second)
    if libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(second))
