"""Who rebuilds: by what is asked for, what the model declares, and what is there; and what may be asked for."""

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.unit.chained import chained_plan
from verifier.chain.claims import claims_store
from verifier.chain.crew import threads_of, workers_of
from verifier.commands.chaining import add_chain_arguments, chain_of, vary_of
from verifier.errors import BadInput
from verifier.nix import Store
from verifier.rebuild.options import Chain, Options
from verifier.rebuild.plan import Plan
from verifier.rebuild.remote import parse_remote
from verifier.rebuild.second_store import SecondStores
from verifier.report.live import Live

CORES = len(os.sched_getaffinity(0))


def options(*hosts: str) -> Options:
    remotes = tuple(parse_remote(f"ssh-ng://{host}") for host in hosts)
    return Options(
        flake=".",
        url=".",
        revision=None,
        again=False,
        live=Live(quiet=True),
        stores=SecondStores(),
        rebuilders=remotes,
    )


def names(plan: Plan, *hosts: str, workers: int | None = None) -> list[str]:
    return [worker.name for worker in workers_of(plan, options(*hosts), Chain(workers=workers))]


def with_train(**fields: object) -> Plan:
    plan = chained_plan()
    builds = [replace(one, **fields) if one.name == "train" else one for one in plan.builds]
    return replace(plan, builds=tuple(builds))


def test_there_is_a_worker_for_each_core_that_a_thread_can_have() -> None:
    assert len(names(chained_plan())) == CORES
    plan = with_train(environment={"SAMEBITS_THREADS": "64"})
    assert threads_of(plan) == 64
    assert names(plan) == ["local 1"]


@pytest.mark.parametrize("said", ["", "0", "-1", "x", "9" * 9])
def test_threads_that_are_no_number_count_as_one(said: str) -> None:
    assert threads_of(with_train(environment={"SAMEBITS_THREADS": said})) == 1


def test_rebuilders_are_workers_and_this_machine_is_only_if_asked() -> None:
    assert names(chained_plan(), "a", "b") == ["a", "b"]
    assert names(chained_plan(), "a", workers=2) == ["local 1", "local 2", "a"]


def test_two_stores_of_one_host_are_two_places() -> None:
    found = workers_of(chained_plan(), options("a", "a?remote-store=/b"), Chain())
    assert [(one.name, one.place) for one in found] == [("a", "a"), ("a (2)", "a (2)")]


def test_nobody_at_all_is_bad_input() -> None:
    with pytest.raises(BadInput, match="leaves nobody"):
        names(chained_plan(), workers=0)


def test_claims_are_in_the_machines_store_a_folder_or_at_an_address(tmp_path: Path) -> None:
    assert claims_store(None) == Store()
    (tmp_path / "nix-cache-info").write_text("")
    assert claims_store(str(tmp_path)).uri == f"file://{tmp_path}"
    assert claims_store("https://cache.example.org").uri == "https://cache.example.org"


@pytest.mark.parametrize(
    "place", ["", "cache", "/nowhere", "ftp://x", "--option", "https://x\n", "local?root=/"]
)
def test_other_places_hold_no_claims(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="--claims"):
        claims_store(place or str(tmp_path))


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_chain_arguments(parser)
    for word in ("--vary", "--json"):
        parser.add_argument(word)
    parser.add_argument("--replay", action="store_true")
    return parser.parse_args(words)


def test_without_parallel_and_sample_nothing_is_rebuilt_piece_by_piece() -> None:
    assert chain_of(asked()) is None
    assert vary_of(asked()) == "quick"


def test_what_is_asked_for_is_read() -> None:
    words = ["--parallel", "--workers", "3", "--claims", "c", "--chunk-timeout", "9.5", "--sample", "2"]
    assert chain_of(asked(*words, "--seed", "ab")) == Chain(
        workers=3, claims="c", piece_seconds=9.5, sample=2, seed="ab"
    )
    assert chain_of(asked("--sample", "2")) == Chain(sample=2)


def test_variations_are_tried_only_if_they_are_named() -> None:
    assert vary_of(asked("--parallel")) == vary_of(asked("--sample", "1")) == "none"
    assert vary_of(asked("--parallel", "--vary", "quick")) == "quick"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("--workers 2", "--workers is for --parallel and --sample"),
        ("--claims x", "--claims is for"),
        ("--seed ab", "--seed is for"),
        ("--dry-run", "--dry-run is for"),
        ("--chunk-timeout 5", "--chunk-timeout is for"),
        ("--parallel --seed ab", "draws nothing without --sample"),
        ("--parallel --workers -1", "--workers -1"),
        ("--parallel --workers 5000", "--workers 5000"),
        ("--parallel --chunk-timeout 0", "--chunk-timeout 0"),
        ("--parallel --chunk-timeout nan", "--chunk-timeout nan"),
        ("--parallel --replay", "--replay is not for"),
        ("--parallel --dry-run --json x", "--dry-run --json is not for"),
    ],
)
def test_what_does_not_go_together_is_bad_input(words: str, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        chain_of(asked(*words.split()))
    assert why in cast(BadInput, caught.value).sentence
