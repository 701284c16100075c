"""Files of no known kind: what diffoscope says where it is installed, else the bytes where they part."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from verifier.compare import Pair, Unlike, first_difference, parting_bytes
from verifier.explain.bounded import shortened
from verifier.explain.findings import Context, Finding, found

SHOWN_BEFORE, SHOWN_BYTES = 8, 24
LARGEST_FOR_DIFFOSCOPE = 64 << 20
SECONDS, LINES, OUTPUT_BYTES = 60, 12, 100_000


def explain_bytes(pair: Pair, context: Context) -> Iterator[Finding]:
    """Yields what diffoscope sees, or the first byte that differs with its surroundings on both sides."""
    offset = first_difference(pair.first, pair.second)
    if offset is None:
        return
    words = parting_bytes(Unlike(pair=pair, offset=offset))
    shown = [_dump(path, offset) for path in (pair.first, pair.second)]
    yield found(
        pair,
        f"byte {offset:,}",
        f"{words}; from byte {max(0, offset - SHOWN_BEFORE):,}: {shown[0]} in the first, {shown[1]} in the second",
    )
    if context.programs:
        yield from _by_diffoscope(pair)


def _dump(path: Path, offset: int) -> str:
    """Returns bytes in hexadecimal and as text, with the one at `offset` in brackets."""
    start = max(0, offset - SHOWN_BEFORE)
    with path.open("rb") as file:
        file.seek(start)
        content = file.read(SHOWN_BYTES)
    if not content:
        return "nothing"
    hexadecimal = " ".join(f"[{b:02x}]" if start + i == offset else f"{b:02x}" for i, b in enumerate(content))
    text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in content)
    return f"{hexadecimal} |{text}|"


def _by_diffoscope(pair: Pair) -> Iterator[Finding]:
    program = shutil.which("diffoscope")
    if program is None or max(p.stat().st_size for p in (pair.first, pair.second)) > LARGEST_FOR_DIFFOSCOPE:
        return
    arguments = [
        program,
        "--no-progress",
        "--max-text-report-size",
        "1000000",
        "--text-color",
        "never",
        "--text",
        "-",
    ]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [*arguments, os.fspath(pair.first.absolute()), os.fspath(pair.second.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            yield found(pair, "", f"diffoscope took more than {SECONDS} seconds and was ended")
            return
        finally:
            _end(process)
        said.seek(0)
        text = said.read(OUTPUT_BYTES).decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("---", "+++"))]
    for line in lines[:LINES]:
        yield found(pair, "diffoscope", shortened(line))
    if len(lines) > LINES:
        yield found(pair, "diffoscope", f"{len(lines) - LINES} lines more; run diffoscope to see them")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the program and whatever it has started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
