"""Processes that read files side by side; where there can be none, all is read in this one."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from verifier.errors import CouldNotCheck

MOST_PROCESSES = 16
Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers:
    """Calls functions on many items, in the order of the items."""

    def __init__(self, executor: Executor | None = None) -> None:
        self._executor = executor

    def each(
        self, function: Callable[[Item], Result], items: Sequence[Item], *, at_once: int
    ) -> Iterator[Result]:
        """Returns the results; processes begin at once, and take `at_once` items at a time.

        Raises:
            CouldNotCheck: a process was killed.
        """
        if self._executor is None:
            return map(function, items)
        return _whole(self._executor.map(function, items, chunksize=at_once))


def _whole(results: Iterator[Result]) -> Iterator[Result]:
    try:
        yield from results
    except BrokenProcessPool as error:
        what = "a process that read files was killed, perhaps for want of memory"
        raise CouldNotCheck(what, advice="Make room, and run it again.") from error


@contextmanager
def workers() -> Iterator[Workers]:
    """Yields as many processes as there are cores; to be begun before any thread is."""
    count = min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    executor = _begun(count) if count > 1 else None
    try:
        yield Workers(executor)
    finally:
        if executor is not None:
            executor.shutdown(cancel_futures=True)


def _begun(count: int) -> Executor | None:
    """Returns processes that are forked already; None where the machine does not let them be."""
    try:
        fork = multiprocessing.get_context("fork")
        executor = ProcessPoolExecutor(count, mp_context=fork, initializer=_leave_signals)
        executor.submit(os.getpid).result()
    except (OSError, BrokenProcessPool):
        return None
    return executor


def _leave_signals() -> None:
    """Leaves an interrupt to the process that waits for this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
