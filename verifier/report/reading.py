"""A progress bar for what is read, on a terminal, when it takes longer than two seconds."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from verifier.signing.watch import Watch

PATIENCE_SECONDS, EVERY_SECONDS = 2.0, 0.2


@contextmanager
def reading_shown(what: str) -> Iterator[Watch]:
    """Yields the watch that a reader reports to, and draws how far it is; not where stderr is no terminal."""
    watch, over = Watch(), threading.Event()
    if not sys.stderr.isatty():
        yield watch
        return
    drawing = threading.Thread(target=_draw, args=(what, watch, over), daemon=True)
    drawing.start()
    try:
        yield watch
    finally:
        over.set()
        drawing.join()


def _draw(what: str, watch: Watch, over: threading.Event) -> None:
    if over.wait(PATIENCE_SECONDS):
        return
    # A gate that is done before has no need of it.
    from rich.console import Console  # noqa: PLC0415 (slow to load, and seldom needed)
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn  # noqa: PLC0415 (likewise)

    columns = "{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        while not over.wait(EVERY_SECONDS):
            progress.update(task, completed=watch.done, total=watch.total or None)
