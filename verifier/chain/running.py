"""Lets workers take pieces off a board, each in a thread of its own; the clock is this machine's, and monotonic.

1. Each worker first makes itself ready; whoever is begins, and nobody waits for the others.
2. A worker that has not ended when its time is over is ended; one that does not come back then is left behind.
3. When nothing is left to do everybody is told to end, those too who are not ready yet.
"""

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from verifier.chain.schedule import Attempt, Board, Said
from verifier.errors import VerifierError

GRACE_SECONDS = 30.0
# How long the main thread sleeps at most: an interrupt reaches it then.
LONGEST_WAIT = 1.0


class Able(Protocol):
    """Somebody who rebuilds."""

    def prepare(self) -> None:
        """Makes ready, in the same thread as all that follows.

        Raises:
            VerifierError: it cannot.
        """

    def attempt(self, piece: str) -> Attempt:
        """Rebuilds a piece and says what came of it.

        Raises:
            VerifierError: the piece is lost.
        """

    def end(self) -> None:
        """Ends what is being done, from another thread; when called again, at once."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a worker may have a piece (the moving of what it needs included), make ready, and take to end."""

    piece_seconds: float | None = None
    ready_seconds: float | None = None
    grace_seconds: float = GRACE_SECONDS


@dataclass(kw_only=True)
class _Task:
    """What a worker does now: a piece, or None while it makes ready."""

    piece: str | None
    limit: float | None
    due: float | None
    ended: bool = False

    def too_slow(self, worker: str, *, unfit: bool = False) -> Attempt:
        what = f"took longer than {self.limit or 0:g} s"
        what = f"{what}, and could not be ended" if unfit else what
        return Attempt(worker=worker, said=Said.LOST, detail=what, again=False, unfit=unfit)


def run_board(
    board: Board,
    workers: Mapping[str, Able],
    limits: Limits,
    *,
    heard: Callable[[Board], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Runs until nothing is left to do on the board; `heard` is told whenever something was said."""
    shift = _Shift(board, workers, limits, clock)
    try:
        while not board.over:
            shift.hand_out()
            if shift.hear() | shift.watch():
                heard(board)
    finally:
        shift.dismiss()


class _Shift:
    """The threads of all workers. They are daemons: one that hangs keeps nobody from ending."""

    def __init__(
        self, board: Board, workers: Mapping[str, Able], limits: Limits, clock: Callable[[], float]
    ) -> None:
        self._board, self._workers, self._limits, self._clock = board, workers, limits, clock
        self._answers: queue.SimpleQueue[tuple[str, Attempt | BaseException | None]] = queue.SimpleQueue()
        self._inboxes: dict[str, queue.SimpleQueue[str | None]] = {}
        self._busy: dict[str, _Task] = {}
        for name in workers:
            self._inboxes[name] = queue.SimpleQueue()
            self._busy[name] = self._task(None, limits.ready_seconds)
            threading.Thread(target=self._serve, args=(name,), name=name, daemon=True).start()

    def _task(self, piece: str | None, limit: float | None) -> _Task:
        return _Task(piece=piece, limit=limit, due=None if limit is None else self._clock() + limit)

    def hand_out(self) -> None:
        """Gives a piece to everybody who has none."""
        for name in self._workers:
            piece = None if name in self._busy else self._board.take(name)
            if piece is not None:
                self._busy[name] = self._task(piece, self._limits.piece_seconds)
                self._inboxes[name].put(piece)

    def hear(self) -> bool:
        """Waits a while for an answer, and takes it in; returns whether there was one."""
        due = [task.due - self._clock() for task in self._busy.values() if task.due is not None]
        try:
            name, said = self._answers.get(timeout=max(0.0, min([LONGEST_WAIT, *due])))
        except queue.Empty:
            return False
        if isinstance(said, BaseException):
            raise said
        task = self._busy.pop(name, None)
        if task is None:  # it was left behind, and comes too late
            return False
        self._report(name, task, task.too_slow(name) if task.ended else said)
        return True

    def watch(self) -> bool:
        """Ends what took too long, and leaves behind who does not end; returns whether anybody was."""
        left = False
        for name, task in list(self._busy.items()):
            if task.due is None or self._clock() < task.due:
                continue
            self._workers[name].end()
            if task.ended:
                left = True
                del self._busy[name]
                self._report(name, task, task.too_slow(name, unfit=True))
            task.ended, task.due = True, self._clock() + self._limits.grace_seconds
        return left

    def _report(self, name: str, task: _Task, said: Attempt | None) -> None:
        if task.piece is not None and said is not None:
            self._board.report(task.piece, said)
        elif said is not None:
            self._board.retire(name, said.detail)

    def dismiss(self) -> None:
        """Tells everybody to end."""
        for name, inbox in self._inboxes.items():
            inbox.put(None)
            self._workers[name].end()

    def _serve(self, name: str) -> None:
        worker, inbox = self._workers[name], self._inboxes[name]
        try:
            self._answers.put((name, self._ready(name)))
            while (piece := inbox.get()) is not None:
                try:
                    said = worker.attempt(piece)
                except VerifierError as error:
                    said = Attempt(worker=name, said=Said.LOST, detail=error.sentence)
                self._answers.put((name, said))
        except BaseException as error:  # noqa: BLE001 (it is raised in the thread that waits for this one)
            self._answers.put((name, error))

    def _ready(self, name: str) -> Attempt | None:
        try:
            self._workers[name].prepare()
        except VerifierError as error:
            return Attempt(worker=name, said=Said.LOST, detail=error.sentence, unfit=True)
        return None
