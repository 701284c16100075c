"""Who gets which piece, and what it means what they say."""

from verifier.chain.schedule import Attempt, Board, Judged, Said, Worker, judged

HERE = [Worker(name="local 1", place="local"), Worker(name="local 2", place="local")]
TWO = [Worker(name="a", place="a"), Worker(name="b", place="b")]


def said(worker: str, what: Said, **more) -> Attempt:
    return Attempt(worker=worker, said=what, **more)


def test_pieces_go_to_whoever_asks_in_their_order() -> None:
    board = Board(["train-1", "train-2", "train-3"], TWO)
    assert [board.take("b"), board.take("a"), board.take("b")] == ["train-1", "train-2", "train-3"]
    assert board.take("a") is None
    assert not board.over


def test_piece_that_is_equal_is_settled_by_one() -> None:
    board = Board(["train-1"], TWO)
    board.take("a")
    board.report("train-1", said("a", Said.EQUAL))
    assert board.over
    assert judged(board.attempts("train-1")) is Judged.EQUAL


def test_piece_that_differs_goes_to_another_before_all_others() -> None:
    board = Board(["train-1", "train-2"], TWO)
    board.take("a")
    board.report("train-1", said("a", Said.DIFFERS))
    assert board.take("a") == "train-2"
    assert board.take("b") == "train-1"
    board.report("train-1", said("b", Said.DIFFERS))
    assert judged(board.attempts("train-1")) is Judged.DIFFERS


def test_second_opinion_comes_from_another_place_where_there_is_one() -> None:
    board = Board(["train-1"], [*HERE, Worker(name="far", place="far")])
    board.take("local 1")
    board.report("train-1", said("local 1", Said.DIFFERS))
    assert board.take("local 2") is None
    assert board.take("far") == "train-1"


def test_single_worker_is_believed_when_it_says_that_a_piece_differs() -> None:
    board = Board(["train-1"], TWO[:1])
    board.take("a")
    board.report("train-1", said("a", Said.DIFFERS))
    assert board.over
    assert judged(board.attempts("train-1")) is Judged.DIFFERS


def test_two_that_disagree_are_a_dispute_whoever_spoke_first() -> None:
    yes, no = said("a", Said.EQUAL), said("b", Said.DIFFERS)
    assert judged([yes, no]) is judged([no, yes]) is Judged.DISPUTED
    assert judged([yes, said("b", Said.FAILED)]) is Judged.DISPUTED
    assert judged([said("a", Said.FAILED), no]) is Judged.DIFFERS
    assert judged([said("a", Said.FAILED)]) is Judged.FAILED


def test_piece_that_is_lost_goes_to_another() -> None:
    board = Board(["train-1", "train-2"], TWO)
    board.take("a")
    board.report("train-1", said("a", Said.LOST, detail="died"))
    assert board.take("a") == "train-2"
    assert board.take("b") == "train-1"
    board.report("train-1", said("b", Said.EQUAL))
    assert judged(board.attempts("train-1")) is Judged.EQUAL


def test_place_that_loses_twice_in_a_row_gets_nothing_more() -> None:
    board = Board(["1", "2", "3"], TWO)
    for _ in range(2):
        piece = board.take("a")
        assert piece
        board.report(piece, said("a", Said.LOST, detail="no line"))
    assert board.retired == {"a": "no line"}
    assert board.take("a") is None
    assert board.take("b") in ("1", "2")


def test_place_of_two_workers_may_lose_twice_as_often() -> None:
    board = Board(["1", "2", "3", "4"], HERE)
    for worker in ("local 1", "local 2", "local 1"):
        piece = board.take(worker)
        assert piece
        board.report(piece, said(worker, Said.LOST, again=False))
    assert board.retired == {}
    piece = board.take("local 2")
    assert piece
    board.report(piece, said("local 2", Said.LOST, again=False, detail="slow"))
    assert board.retired == {"local": "slow"}


def test_success_between_two_losses_keeps_a_place() -> None:
    board = Board(["1", "2", "3"], TWO)
    for what in (Said.LOST, Said.EQUAL, Said.LOST):
        piece = board.take("a")
        assert piece
        board.report(piece, said("a", what))
    assert board.retired == {}


def test_full_disk_retires_all_workers_of_its_place_at_once() -> None:
    board = Board(["1", "2"], [*HERE, Worker(name="far", place="far")])
    piece = board.take("local 1")
    assert piece
    board.report(piece, said("local 1", Said.LOST, detail="the disk is full", unfit=True))
    assert board.take("local 2") is None
    assert board.take("far") == "1"


def test_single_worker_tries_a_lost_piece_once_more() -> None:
    board = Board(["1"], TWO[:1])
    for _ in range(2):
        assert board.take("a") == "1"
        board.report("1", said("a", Said.LOST))
    assert board.over
    assert judged(board.attempts("1")) is Judged.NOT_DONE


def test_piece_that_took_too_long_is_not_tried_by_the_same_again() -> None:
    board = Board(["1"], TWO[:1])
    board.take("a")
    board.report("1", said("a", Said.LOST, again=False))
    assert board.over


def test_with_all_places_gone_the_rest_is_not_done() -> None:
    board = Board(["1", "2", "3"], TWO)
    for worker in ("a", "b"):
        piece = board.take(worker)
        assert piece
        board.report(piece, said(worker, Said.LOST, unfit=True))
    assert board.over
    assert {judged(board.attempts(piece)) for piece in ("1", "2", "3")} == {Judged.NOT_DONE}


def test_without_workers_nothing_is_done_and_it_is_over() -> None:
    assert Board(["1"], []).over
