"""Probable causes: each rule with a finding that it fits, and one that it must not fit."""

import pytest

from verifier.explain.causes import cause_of
from verifier.explain.findings import Fact, Finding
from verifier.explain.rules import RULES, Rule


def make_finding(*facts: Fact, path: str = "x", step: str = "") -> Finding:
    return Finding(path=path, place="here", sentence="differs", facts=frozenset(facts), step=step)


NAMES = [rule.name for rule in RULES]
# Findings that are near to a rule, and not it.
NEAR = {
    "toolchain": [make_finding(Fact.DATA)],
    "parameters": [make_finding(Fact.CODE)],
    "code": [make_finding(Fact.DATA)],
    "data": [make_finding(Fact.VALUES)],
    "seed": [make_finding(Fact.DECISION)],
    "decision": [make_finding(Fact.SEED)],
    "initialisation": [make_finding(Fact.INITIAL, Fact.NOTED_TENSORS)],
    "initialisation, seeds unknown": [make_finding(Fact.INITIAL, Fact.NOTED_TENSORS, Fact.SEEDS_AGREE)],
    "order of data": [make_finding(Fact.BATCH)],
    "data of a batch": [make_finding(Fact.BATCH, Fact.BATCH_ELSEWHERE)],
    "schedule": [make_finding(Fact.LOSS, Fact.VALUES)],
    "arithmetic, forward": [make_finding(Fact.LOSS, Fact.VALUES)],
    "arithmetic, backward": [make_finding(Fact.GRADIENT, Fact.VALUES)],
    "draw in the model": [make_finding(Fact.LOSS, Fact.ROUNDING)],
    "draw in the backward pass": [make_finding(Fact.GRADIENT, Fact.ROUNDING)],
    "length": [make_finding(Fact.LOSS)],
    "update": [make_finding(Fact.NOTED_TENSORS, Fact.INITIAL)],
    "clock in an archive": [make_finding(Fact.ARCHIVE_TIME), make_finding(Fact.VALUES, path="x!member")],
    "owner in an archive": [make_finding(Fact.MODE)],
    "metadata order": [make_finding(Fact.LAYOUT)],
    "order": [make_finding(Fact.PRESENCE)],
    "address": [make_finding(Fact.TEMPORARY)],
    "temporary name": [make_finding(Fact.ADDRESS)],
    "process id": [make_finding(Fact.CLOCK)],
    "clock": [make_finding(Fact.ARCHIVE_TIME)],
    "arithmetic": [make_finding(Fact.VALUES)],
    "layout": [make_finding(Fact.METADATA_ORDER)],
    "compression": [make_finding(Fact.LAYOUT)],
    "byte code": [make_finding(Fact.PRESENCE)],
    "permissions": [make_finding(Fact.PRESENCE)],
}


def test_every_rule_has_a_near_miss() -> None:
    assert set(NEAR) == set(NAMES)
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_rule_fits_its_facts_with_evidence_and_remedy(rule: Rule) -> None:
    cause = cause_of([make_finding(*rule.needs)])
    assert cause is not None
    assert (cause.sentence, cause.remedy) == (rule.sentence, rule.remedy)
    assert cause.evidence == "x, here: differs"


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_rule_does_not_fit_a_near_miss(rule: Rule) -> None:
    cause = cause_of(NEAR[rule.name])
    assert cause is None or cause.sentence != rule.sentence


def test_every_rule_needs_a_fact() -> None:
    assert [rule.name for rule in RULES if not rule.needs] == []


def test_nothing_known_has_no_cause() -> None:
    assert cause_of([make_finding(), make_finding(Fact.PRESENCE)]) is None


def test_no_finding_has_no_cause() -> None:
    assert cause_of([]) is None


def test_what_comes_first_is_the_cause() -> None:
    cause = cause_of([make_finding(Fact.ORDER, path="a"), make_finding(Fact.CODE, path="b")])
    assert cause is not None
    assert cause.evidence == "a, here: differs"


def test_what_is_packaged_is_a_consequence() -> None:
    cause = cause_of([make_finding(Fact.CLOCK, step="package"), make_finding(Fact.ORDER, path="y")])
    assert cause is not None
    assert cause.evidence == "y, here: differs"


def test_what_is_packaged_counts_where_nothing_else_differs() -> None:
    cause = cause_of([make_finding(Fact.CLOCK, step="package")])
    assert cause is not None
    assert cause.sentence.startswith("a clock")


def test_time_alone_in_one_archive_is_a_clock_whatever_another_file_holds() -> None:
    cause = cause_of([make_finding(Fact.ARCHIVE_TIME), make_finding(Fact.VALUES, path="other")])
    assert cause is not None
    assert cause.sentence.startswith("a clock in an artefact")
