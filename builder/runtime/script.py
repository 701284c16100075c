"""Runs a model's script unchanged, in a process of its own, and reports how it ended.

Usage: python -m builder.runtime.script REPORT_FD SCRIPT
"""

import errno
import json
import os
import runpy
import socket
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from builder.runtime.chunking.chain import chain
from builder.runtime.failure import Refused
from builder.runtime.params import params
from builder.runtime.surroundings import check_surroundings, prepare_surroundings

NO_NETWORK = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.ENETDOWN)
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
# torch says so by a class of its own on a GPU, and in words on a CPU.
TORCH_MEMORY = ("OutOfMemoryError",)
NO_MEMORY = "DefaultCPUAllocator: can't allocate memory"


def main(argv: list[str]) -> None:
    """Runs the script; an exception that it lets through goes, as JSON, to the file descriptor REPORT_FD."""
    report, script = int(argv[0]), Path(argv[1])
    os.set_inheritable(report, False)

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        os.write(report, json.dumps(describe(error, script.parent)).encode())

    sys.excepthook = hook
    sys.argv = [str(script)]
    sys.path[0] = str(script.parent)
    prepare_surroundings(params(), traced=os.environ.get("SAMEBITS_STEP") == "train")
    chain.begin()
    os.environ["SAMEBITS_INSIDE_SCRIPT"] = "1"  # for builder/runtime/startup, in the processes that it starts
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as stop:  # the one exception that no hook hears of
        if stop.code not in (None, 0):
            os.write(report, json.dumps(describe(stop, script.parent)).encode())
            raise
    chain.check_done()
    check_surroundings()


def describe(error: BaseException, code: Path) -> dict[str, str]:
    """Returns the kind of an exception (network, disk, memory, refused, raised), its text and its place."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(str(code))]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    refused = next((link for link in _chain(error) if isinstance(link, Refused)), None)
    if refused is not None:
        return {"kind": "refused", "text": refused.sentence, "advice": refused.advice, "place": place}
    name = "exit" if isinstance(error, SystemExit) else type(error).__name__
    text = f"{name}: {' '.join(str(error).split())}"[:500]
    return {"kind": _kind(error), "text": text, "place": place}


def _kind(error: BaseException) -> str:
    for link in _chain(error):
        if isinstance(link, socket.gaierror) or (isinstance(link, OSError) and link.errno in NO_NETWORK):
            return "network"
        if isinstance(link, OSError) and link.errno in NO_SPACE:
            return "disk"
        if isinstance(link, MemoryError) or type(link).__name__ in TORCH_MEMORY or NO_MEMORY in str(link):
            return "memory"
    return "raised"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


if __name__ == "__main__":
    main(sys.argv[1:])
