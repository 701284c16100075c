"""What a script used beside time and memory: threads, data loading, GPU memory, rows. For the build log alone."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from builder.runtime.events import emit

STATUS = Path("/proc/self/status")
DEEPEST = 12


class Usage:
    """What the process knows of its use of the machine."""

    def __init__(self) -> None:
        self.threads = 0
        self.data_loading_seconds = 0.0
        self.batch_rows: int | None = None
        self._loading = False

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        """Counts the time until it is left as spent on loading data; once, where one loading is inside another."""
        if self._loading:
            yield
            return
        self._loading, start = True, time.monotonic()
        try:
            yield
        finally:
            self.data_loading_seconds += time.monotonic() - start
            self._loading = False

    def saw_batch(self, rows: int | None) -> None:
        """Takes in the number of rows of a training batch."""
        if self.threads == 0:  # those of the training may be gone at the end
            self.threads = running_threads()
        self.batch_rows = most(self.batch_rows, rows)

    def report(self) -> None:
        """Emits the event `usage`; a script that has closed its stderr is none the worse."""
        torch = sys.modules.get("torch")
        on_gpu = torch is not None and torch.cuda.is_initialized()
        with contextlib.suppress(OSError, ValueError):
            emit(
                "usage",
                step=os.environ.get("SAMEBITS_STEP", ""),
                threads=max(self.threads, running_threads()),
                data_loading_seconds=round(self.data_loading_seconds, 6),
                gpu_memory_bytes=torch.cuda.max_memory_allocated() if torch and on_gpu else None,
                device="cuda" if on_gpu else "cpu",
                batch_rows=self.batch_rows,
            )


def most(one: int | None, other: int | None) -> int | None:
    """Returns the greater of two numbers of which either may be unknown."""
    known = [number for number in (one, other) if number is not None]
    return max(known) if known else None


def rows_of(value: object, depth: int = 0) -> int | None:
    """Returns the length along axis 0 of the first array in whatever a batch is packed; None if there is none."""
    shape = getattr(value, "shape", None)
    if shape is not None:
        return int(shape[0]) if len(shape) else None
    if depth > DEEPEST or not isinstance(value, (Mapping, list, tuple)):
        return None
    items = value.values() if isinstance(value, Mapping) else value
    return next((rows for item in items if (rows := rows_of(item, depth + 1)) is not None), None)


def running_threads() -> int:
    """Returns how many threads this process has now (proc(5))."""
    lines = STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Threads:")), 0)


usage = Usage()
