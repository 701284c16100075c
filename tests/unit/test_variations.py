"""Which variations are asked for, which are tried at once, and the row that each comes to."""

import re

import pytest

from tests.conftest import REPOSITORY
from tests.unit.plans import HASH, derivation, drv_path, make_plan
from verifier.errors import BadInput, CouldNotCheck
from verifier.nix import Store
from verifier.rebuild import variations
from verifier.rebuild.remedies import REMEDIES
from verifier.rebuild.trials import Bench, Outcome, Trial
from verifier.rebuild.variations import Variation, Varied, choose, chosen, grouped
from verifier.rebuild.vary import unexplained_row, variation_row
from verifier.verdict import Row, Status


def variation(name: str, lever: str | None = None) -> Variation:
    return Variation(name=name, cause=f"depends on the {name}", lever=lever or name)


KNOWN = {
    v.name: v
    for v in (
        variation("umask"),
        variation("cores-2", "cores"),
        variation("cores-1", "cores"),
        variation("cpu-max", "cpu"),
        variation("cpu-Haswell", "cpu"),
    )
}


def names(found: list[Variation]) -> list[str]:
    return [v.name for v in found]


def test_quick_is_one_of_each_lever_without_the_cpu() -> None:
    assert names(chosen("quick", KNOWN)) == ["cores-1", "umask"]


def test_all_are_all() -> None:
    assert names(chosen("all", KNOWN)) == sorted(KNOWN)


def test_names_are_taken_once_and_in_their_order() -> None:
    assert names(chosen("umask, cores-2,umask", KNOWN)) == ["umask", "cores-2"]


def test_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput) as raised:
        chosen("umask,core-2", KNOWN)
    assert "no variation called 'core-2'" in raised.value.sentence
    assert "Did you mean 'cores-2'?" in raised.value.advice


def test_no_name_at_all_is_refused() -> None:
    with pytest.raises(BadInput):
        chosen(" , ", KNOWN)


def test_no_lever_is_twice_in_a_group_and_a_cpu_is_alone() -> None:
    groups = grouped(chosen("all", KNOWN))
    assert [names(group) for group in groups] == [
        ["cores-1", "umask"],
        ["cores-2"],
        ["cpu-Haswell"],
        ["cpu-max"],
    ]


BENCH = Bench(plan=make_plan(), store=Store(), prefix=4, listen=lambda _: None)


def outcome(step: str = "train", *, short: bool = False, **fields: object) -> Outcome:
    varied = Varied(derivation=drv_path(step), output=derivation(step).output.path)
    trial = Trial(step=step, short=short, varied=varied)
    return Outcome(trial=trial, origin="built here", **fields)  # type: ignore[arg-type]


def row(*outcomes: Outcome) -> Row:
    return variation_row(variation("umask"), outcomes, BENCH)


def test_equal_steps_pass_and_are_named() -> None:
    found = row(outcome("prepare"), outcome("train", short=True))
    assert (found.status, found.detail) == (
        Status.PASSED,
        "prepare, the first 4 steps of train: equal",
    )


def test_step_that_differs_fails_with_the_cause() -> None:
    found = row(outcome("prepare"), outcome("train", differences=("w: differs",)))
    assert (found.status, found.detail) == (Status.FAILED, "train: depends on the umask")
    assert found.differences == ("train/w: differs",)


def test_step_that_cannot_be_varied_here_is_not_checked() -> None:
    failure = CouldNotCheck("no user namespaces here", advice="Allow them.")
    found = row(outcome("prepare"), outcome("train", failure=failure))
    assert (found.status, found.detail) == (Status.NOT_CHECKED, "no user namespaces here")


def test_step_that_fails_only_under_the_variation_fails() -> None:
    found = row(outcome("train", failure=BadInput("train.py failed: no such locale", advice="")))
    assert (found.status, found.detail) == (
        Status.FAILED,
        "fails under umask alone: train.py failed: no such locale",
    )


def test_difference_counts_more_than_what_could_not_be_checked() -> None:
    failure = CouldNotCheck("killed", advice="")
    assert row(outcome(differences=("w",)), outcome("evaluate", failure=failure)).status is Status.FAILED


def test_reference_is_the_first_build_of_the_step() -> None:
    assert BENCH.reference("train") == f"/nix/store/{HASH}-train"


def test_failure_of_this_machine_with_all_at_once_is_not_checked() -> None:
    full = CouldNotCheck("the disk is full", advice="Make room.")
    found = unexplained_row([outcome("train", failure=full)])
    assert (found.status, found.detail) == (Status.NOT_CHECKED, "the disk is full")


def test_difference_that_nothing_moves_alone_keeps_the_reason_of_what_failed() -> None:
    full = CouldNotCheck("the disk is full", advice="Make room.")
    found = unexplained_row([outcome("prepare", differences=("a: differs",)), outcome("train", failure=full)])
    assert found.status is Status.FAILED
    assert "prepare and train: no single change" in found.detail
    assert "(the disk is full)" in found.detail


@pytest.mark.parametrize("asked", ["quick,umask", "umask,all", "none,umask"])
def test_word_for_many_stands_by_itself(asked: str) -> None:
    with pytest.raises(BadInput, match="stands by itself"):
        chosen(asked, KNOWN)


def test_every_lever_of_the_rules_has_a_remedy() -> None:
    rules = (REPOSITORY / "builder" / "variations.nix").read_text()
    levers = {*re.findall(r'lever = "([a-z-]+)"', rules), *re.findall(r'inEnvironment "([a-z-]+)"', rules)}
    assert {*levers, "directory-order"} == set(REMEDIES)


GOOD = {"cause": "depends on it", "lever": "umask", "costly": False, "tool": None}


@pytest.mark.parametrize(
    "change",
    [
        {"known": {"umask": {**GOOD, "tool": "--flake=/evil"}}},
        {"known": {"umask": {**GOOD, "tool": "absent"}}},
        {"known": {"umask": {**GOOD, "cause": "\x1b[2J"}}},
        {"known": {"umask": {**GOOD, "lever": 3}}},
        {"known": {"umask": {"cause": "", "lever": "umask"}}},
        {"known": {"--option": GOOD}},
        {"known": {"evil\x1b[31m": GOOD}},
        {"known": []},
        {"tools": {"surroundings": ["--option", "plugin-files", "/evil.so"]}},
        {"tools": {"surroundings": [7]}},
        {"tools": None},
        {"prefix": 0},
        {"prefix": "4"},
        {"prefix": True},
    ],
)
def test_flake_that_describes_variations_otherwise_is_refused(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, object]
) -> None:
    """What a flake says goes into commands and onto the terminal."""
    said = {"known": {"umask": GOOD}, "tools": {"qemu": []}, "prefix": 4, "groups": [], "replays": []}
    monkeypatch.setattr(variations, "evaluate", lambda *_: {"m": said})
    assert choose(".", ["m"], "umask")["m"].variations[0].name == "umask"
    monkeypatch.setattr(variations, "evaluate", lambda *_: {"m": {**said, **change}})
    with pytest.raises(BadInput):
        choose(".", ["m"], "umask")


def test_only_an_emulated_cpu_may_be_tried_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"umask": {**GOOD, "costly": True}, "cpu-max": {**GOOD, "lever": "cpu", "costly": True}}
    said = {"known": known, "tools": {}, "prefix": 4}
    monkeypatch.setattr(variations, "evaluate", lambda *_: {"m": said})
    found = choose(".", ["m"], "umask,cpu-max")["m"].variations
    assert [(one.name, one.costly) for one in found] == [("umask", False), ("cpu-max", True)]
