"""Runs the real command in this process, and keeps what it says."""

import io
from contextlib import redirect_stderr, redirect_stdout

from verifier.cli import main


def run_here(*argv: str) -> tuple[int, str, str]:
    """The exit code, and what went to stdout and stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(argv))
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return code, texts[0], texts[1]
