"""Workers that die, hang, lie and fill up, in threads as they run in truth."""

import threading
import time
from collections.abc import Callable

import pytest

from verifier.chain.running import Limits, run_board
from verifier.chain.schedule import Attempt, Board, Judged, Said, Worker, judged
from verifier.errors import CouldNotCheck

PIECES = [f"train-{number}" for number in range(1, 9)]


class Fake:
    """A worker that says what a function says; it can be ended while it waits."""

    def __init__(self, name: str, does: Callable[["Fake", str], Attempt]) -> None:
        self.name, self._does = name, does
        self.done: list[str] = []
        self.ended = threading.Event()

    def prepare(self) -> None:
        pass

    def attempt(self, piece: str) -> Attempt:
        self.done.append(piece)
        return self._does(self, piece)

    def end(self) -> None:
        self.ended.set()

    def says(self, what: Said, **more) -> Attempt:
        return Attempt(worker=self.name, said=what, **more)


def honest(fake: Fake, piece: str) -> Attempt:
    time.sleep(0.01)
    return fake.says(Said.EQUAL)


def dead(fake: Fake, piece: str) -> Attempt:
    raise CouldNotCheck("the line is dead", advice="")


def full(fake: Fake, piece: str) -> Attempt:
    return fake.says(Said.LOST, detail="the disk is full", unfit=True)


def hanging(fake: Fake, piece: str) -> Attempt:
    fake.ended.wait()
    return fake.says(Said.LOST, detail="ended")


def stuck(fake: Fake, piece: str) -> Attempt:
    time.sleep(5)
    return fake.says(Said.EQUAL)


def run(*fakes: Fake, limit: float | None = None, grace: float = 0.2) -> Board:
    board = Board(PIECES, [Worker(name=fake.name, place=fake.name) for fake in fakes])
    limits = Limits(piece_seconds=limit, ready_seconds=limit, grace_seconds=grace)
    run_board(board, {fake.name: fake for fake in fakes}, limits)
    return board


def came_to(board: Board) -> dict[Judged, int]:
    found = [judged(board.attempts(piece)) for piece in PIECES]
    return {one: found.count(one) for one in found}


def test_all_pieces_are_shared_out() -> None:
    fakes = Fake("a", honest), Fake("b", honest)
    assert came_to(run(*fakes)) == {Judged.EQUAL: len(PIECES)}
    assert sorted([*fakes[0].done, *fakes[1].done]) == PIECES
    assert all(fake.done for fake in fakes)


@pytest.mark.parametrize("bad", [dead, full])
def test_others_take_over_from_one_that_cannot(bad) -> None:
    fakes = Fake("bad", bad), Fake("good", honest)
    board = run(*fakes)
    assert came_to(board) == {Judged.EQUAL: len(PIECES)}
    assert sorted(fakes[1].done) == PIECES
    assert list(board.retired) == ["bad"]


@pytest.mark.parametrize("bad", [hanging, stuck])
def test_others_take_over_from_one_that_hangs(bad) -> None:
    begun = time.monotonic()
    board = run(Fake("bad", bad), Fake("good", honest), limit=0.2)
    assert came_to(board) == {Judged.EQUAL: len(PIECES)}
    assert time.monotonic() - begun < 3
    lost = [one for piece in PIECES for one in board.attempts(piece) if one.said is Said.LOST]
    assert lost and all("took longer than 0.2 s" in one.detail for one in lost)


def test_nothing_is_done_where_all_hang() -> None:
    assert came_to(run(Fake("a", hanging), Fake("b", stuck), limit=0.1)) == {Judged.NOT_DONE: len(PIECES)}


class Unready(Fake):
    """One that never gets to work: it cannot, or takes for ever."""

    def __init__(self, name: str, wait: float = 0) -> None:
        super().__init__(name, honest)
        self._wait = wait

    def prepare(self) -> None:
        self.ended.wait(self._wait)
        raise CouldNotCheck("it is not there", advice="")


@pytest.mark.parametrize("wait", [0, 30])
def test_nobody_waits_for_one_that_is_not_ready(wait: float) -> None:
    begun = time.monotonic()
    fakes = Unready("late", wait), Fake("good", honest)
    assert came_to(run(*fakes)) == {Judged.EQUAL: len(PIECES)}
    assert time.monotonic() - begun < 3
    assert fakes[0].done == []


def test_without_anybody_ready_nothing_is_done() -> None:
    board = run(Unready("a"), Unready("b", 30), limit=0.1)
    assert came_to(board) == {Judged.NOT_DONE: len(PIECES)}
    assert board.retired == {"a": "it is not there", "b": "took longer than 0.1 s"}


def test_what_a_worker_dies_of_is_not_hidden() -> None:
    def broken(fake: Fake, piece: str) -> Attempt:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(Fake("a", broken))


def test_liar_is_contradicted_and_neither_is_believed() -> None:
    def lies(fake: Fake, piece: str) -> Attempt:
        return fake.says(Said.DIFFERS if piece == "train-1" else Said.EQUAL)

    board = Board(["train-1"], [Worker(name=name, place=name) for name in ("liar", "good")])
    piece = board.take("liar")
    assert piece
    board.report(piece, Attempt(worker="liar", said=Said.DIFFERS))
    run_board(board, {"good": Fake("good", honest)}, Limits())
    assert judged(board.attempts("train-1")) is Judged.DISPUTED
    assert [one.worker for one in board.attempts("train-1")] == ["liar", "good"]


def test_everybody_is_told_to_end_when_the_watcher_is_interrupted() -> None:
    fakes = Fake("a", honest), Fake("b", hanging)

    def interrupt(board: Board) -> None:
        raise KeyboardInterrupt

    board = Board(PIECES, [Worker(name=fake.name, place=fake.name) for fake in fakes])
    with pytest.raises(KeyboardInterrupt):
        run_board(board, {fake.name: fake for fake in fakes}, Limits(), heard=interrupt)
    assert all(fake.ended.is_set() for fake in fakes)
