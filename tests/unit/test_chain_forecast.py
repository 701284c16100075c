"""Who would do what, how long, and what is moved."""

from verifier.chain.forecast import Forecast, forecast
from verifier.chain.schedule import Worker

NEEDS = {"train-1": ["train-1"], "train-2": ["train-1", "train-2"], "train-3": ["train-2", "train-3"]}
SIZES = dict.fromkeys(NEEDS, 100)


def of(*workers: str, seconds: dict[str, float] | None = None) -> Forecast:
    known = [Worker(name=name, place=name) for name in workers]
    return forecast(NEEDS, known, seconds or {}, SIZES, lacking={}, base={}, version="1.0.0")


def test_one_worker_does_it_one_after_the_other() -> None:
    found = of("a", seconds=dict.fromkeys(NEEDS, 10.0))
    assert (found.seconds, found.one_after_the_other) == (30.0, 30.0)
    assert [share.size for share in found.shares] == [100, 100, 100]


def test_two_share_the_work_and_each_needs_its_claims() -> None:
    found = of("a", "b", seconds=dict.fromkeys(NEEDS, 10.0))
    assert [share.worker for share in found.shares] == ["a", "b", "a"]
    assert (found.seconds, found.one_after_the_other) == (20.0, 30.0)
    assert [share.size for share in found.shares] == [100, 200, 200]


def test_without_a_release_nothing_is_said_of_time() -> None:
    found = of("a", "b")
    assert found.seconds is None and {share.seconds for share in found.shares} == {None}
    assert [share.worker for share in found.shares] == ["a", "b", "a"]


def test_workers_of_one_place_share_what_is_moved() -> None:
    known = [Worker(name="local 1", place="local"), Worker(name="local 2", place="local")]
    found = forecast(NEEDS, known, {}, SIZES, lacking={}, base={}, version="")
    assert [share.size for share in found.shares] == [100, 100, 100]
