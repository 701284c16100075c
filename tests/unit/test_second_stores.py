"""The second stores of one command: one for each sandbox, and none of them is left behind."""

import os
from pathlib import Path

import pytest

from verifier.rebuild.folders import cache_root
from verifier.rebuild.second_store import ONLINE, SecondStore, SecondStores, cores_to_show

SHOWN = ("/dev/nvidia0",)


def place(opened: SecondStore) -> Path:
    root = opened.store.root
    assert root is not None
    return root


def left() -> list[Path]:
    """Returns the working folders that are there."""
    return list(cache_root().iterdir()) if cache_root().exists() else []


def test_nothing_is_made_before_it_is_asked_for() -> None:
    with SecondStores():
        assert left() == []


def test_models_of_one_command_share_a_store() -> None:
    with SecondStores() as stores:
        assert stores.get() is stores.get()
        assert stores.get(SHOWN) is stores.get(list(SHOWN))
        assert len(left()) == 2


def test_what_is_shown_and_who_builds_makes_another_store() -> None:
    keys = [
        ((), None),
        (SHOWN, None),
        (("/dev/nvidia1",), None),
        ((), Path("/opt/nix")),
        (SHOWN, Path("/opt/nix")),
    ]
    with SecondStores() as stores:
        found = [stores.get(*key) for key in keys]
        assert len({place(one) for one in found}) == len(keys)
        assert [one.store.programs for one in found] == [programs for _, programs in keys]


def test_store_is_empty_and_shows_what_was_asked_for() -> None:
    with SecondStores() as stores:
        opened = stores.get(SHOWN)
        assert list(place(opened).iterdir()) == []
        options = opened.store.options
        assert options[:3] == ("--cores", str(opened.cores), "--option")
        online, *shown = options[-1].split()
        assert online.startswith(f"{ONLINE}=") and tuple(shown) == SHOWN
        assert Path(online.partition("=")[2]).read_text() == ("0\n" if opened.cores == 1 else "0-1\n")


def test_stores_are_gone_at_the_end() -> None:
    with SecondStores() as stores:
        places = [place(stores.get()), place(stores.get(SHOWN))]
        (places[0] / "nix").mkdir()
        (places[0] / "nix").chmod(0o555)
        assert all(one.is_dir() for one in places)
    assert left() == []


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_stores_are_gone_after_an_error(error: type[BaseException]) -> None:
    with pytest.raises(error), SecondStores() as stores:
        stores.get()
        stores.get(SHOWN)
        raise error
    assert left() == []


def test_store_that_cannot_be_made_takes_none_of_the_others_along(monkeypatch: pytest.MonkeyPatch) -> None:
    with SecondStores() as stores:
        first = stores.get()
        monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
        with pytest.raises(OSError):
            stores.get(SHOWN)
        assert place(first).is_dir()
    assert not place(first).exists()


@pytest.mark.parametrize(("present", "shown"), [(1, 2), (2, 1), (64, 1)])
def test_another_number_of_cores_is_shown(present: int, shown: int) -> None:
    assert cores_to_show(present) == shown


def test_builds_run_on_the_cores_that_are_shown_and_later_on_all() -> None:
    allowed = os.sched_getaffinity(0)
    with SecondStores() as stores:
        opened = stores.get()
        with pytest.raises(ZeroDivisionError), opened.on_its_cores():
            assert len(os.sched_getaffinity(0)) == min(opened.cores, len(allowed))
            _ = 1 / 0
    assert os.sched_getaffinity(0) == allowed
