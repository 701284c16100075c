"""Which variations are asked for, which are tried at once, and the row that each comes to."""

import pytest

from tests.unit.plans import HASH, derivation, drv_path, make_plan
from verifier.errors import BadInput, CouldNotCheck
from verifier.nix import Store
from verifier.rebuild.trials import Bench, Outcome, Trial
from verifier.rebuild.variations import Variation, Varied, chosen, grouped
from verifier.rebuild.vary import variation_row
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


def names(variations: list[Variation]) -> list[str]:
    return [v.name for v in variations]


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
        "depends on the umask: train.py failed: no such locale",
    )


def test_difference_counts_more_than_what_could_not_be_checked() -> None:
    failure = CouldNotCheck("killed", advice="")
    assert row(outcome(differences=("w",)), outcome("evaluate", failure=failure)).status is Status.FAILED


def test_reference_is_the_first_build_of_the_step() -> None:
    assert BENCH.reference("train") == f"/nix/store/{HASH}-train"
