"""A contract says what it says, or is refused with the sentence that a person needs."""

from pathlib import Path

import pytest

from tests.unit.contracts import GOOD, read, refusal
from verifier.contract.resources import QUANTITIES
from verifier.contract.terms import Closeness, Direction, Kind, Limit, Tolerance
from verifier.schemas import OWN, load_schema


def test_metrics_are_read(tmp_path: Path) -> None:
    accuracy, recall, rows = read(tmp_path, GOOD).metrics
    assert (accuracy.name, accuracy.slice, accuracy.direction) == ("accuracy", "", Direction.HIGHER)
    assert accuracy.tolerance == Tolerance(kind=Kind.ABSOLUTE, amount=0.0045)
    assert (accuracy.minimum, accuracy.maximum) == (0.9, None)
    assert accuracy.reason == "two of 449 held-out images"
    assert (recall.slice, recall.is_pattern) == ("classes/*", True)
    assert recall.tolerance == Tolerance(kind=Kind.RELATIVE, amount=0.02)
    assert (rows.direction, rows.tolerance, rows.reason) == (None, Tolerance(kind=Kind.EXACT), "")


def test_resources_and_equality_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert found.resources["train"]["wall_seconds"] == Limit(warn=1.5, fail=3.0)
    assert found.closeness == Closeness(absolute=0.001, agreement=0.99, reason="cuBLAS of two GPU kinds")


def test_resources_and_equality_may_be_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD.partition("resources:")[0])
    assert (found.resources, found.closeness) == ({}, None)


@pytest.mark.parametrize("text", ["''", "classes/8", "classes/*", "slices/the gospels", "slices/*"])
def test_forms_of_a_slice_are_taken(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, GOOD.replace("slice: classes/*", f"slice: {text}"))
    assert found.metrics[1].slice == text.strip("'")


FAULTS = {
    "unknown key": (
        ("resources:", "resource:"),
        "line 14: unknown key 'resource'; did you mean 'resources'?",
    ),
    "unknown key of a metric": (
        ("minimum: 0.9", "minimun: 0.9"),
        "line 5: unknown key 'minimun' in accuracy; did you mean 'minimum'?",
    ),
    "unknown key without a near one": (
        ("minimum: 0.9", "zzz: 0.9"),
        "line 5: unknown key 'zzz' in accuracy; known are name, slice, direction, tolerance, ",
    ),
    "unknown tolerance": (
        ("{ relative: 0.02 }", "{ relativ: 0.02 }"),
        "line 10: unknown key 'relativ' in tolerance of recall of classes/*; did you mean 'relative'?",
    ),
    "unknown step": (
        ("  train:", "  training:"),
        "line 15: unknown key 'training' in 'resources'; did you mean 'train'?",
    ),
    "unknown quantity": (
        ("wall_seconds", "wall_second"),
        "line 16: unknown key 'wall_second' in 'resources.train'; did you mean 'wall_seconds'?",
    ),
    "negative": (
        ("absolute: 0.0045", "absolute: -0.1"),
        "line 4: 'absolute' in tolerance of accuracy is -0.1; it must be a number, 0 or more",
    ),
    "negative relative": (
        ("relative: 0.02", "relative: -0.02"),
        "line 10: 'relative' in tolerance of recall of classes/* is -0.02; it must be a number from 0 to ",
    ),
    "NaN": (("0.0045", ".nan"), "line 4: .nan is not finite, and nothing compares with it"),
    "infinite": (("0.0045", ".inf"), "line 4: .inf is not finite, and nothing compares with it"),
    "the whole value": (
        ("relative: 0.02", "relative: 1"),
        "line 10: 'relative' in tolerance of recall of classes/* is 1; it must be a number from 0 to less than 1, "
        "for a tolerance of the whole value cannot fail",
    ),
    "no reason": (
        ("    reason: two of 449 held-out images\n", ""),
        "line 2: accuracy tolerates a difference (absolute 0.0045) and gives no 'reason'",
    ),
    "empty reason": (
        ("two of 449 held-out images", "' '"),
        "line 6: 'reason' in accuracy is ' '; it must be text, not empty",
    ),
    "no direction": (
        ("name: accuracy\n    direction: higher", "name: accuracy"),
        "line 2: accuracy has a tolerance and no 'direction': say whether 'higher' or 'lower' is better",
    ),
    "unknown direction": (
        ("name: accuracy\n    direction: higher", "name: accuracy\n    direction: up"),
        "line 3: 'direction' in accuracy is 'up'; it must be 'higher' or 'lower', the better way",
    ),
    "no tolerance": (
        ("    tolerance: exact\n", ""),
        "line 12: the key 'tolerance' is missing in rows",
    ),
    "no name": (("  - name: rows\n    ", "  - "), "line 12: the key 'name' is missing in 'metrics.2'"),
    "other tolerance": (
        ("tolerance: exact", "tolerance: exactly"),
        "line 13: 'tolerance' in rows is 'exactly'; it must be 'exact', or an object with one of ",
    ),
    "tolerance without a kind": (
        ("tolerance: exact", "tolerance: 0.1"),
        "line 13: 'tolerance' in rows is 0.1; it must be 'exact', or an object with one of ",
    ),
    "two tolerances": (
        ("{ relative: 0.02 }", "{ relative: 0.02, absolute: 1 }"),
        "line 10: 'tolerance' in recall of classes/* is {'relative': 0.02, 'absolute': 1}; it must be 'exact', ",
    ),
    "number as text": (
        ("minimum: 0.9", "minimum: '0.9'"),
        "line 5: 'minimum' in accuracy is '0.9'; it must be a number; it is text: write it without quotes, and ",
    ),
    "exponent that YAML takes for text": (
        ("0.0045", "1e-3"),
        "line 4: 'absolute' in tolerance of accuracy is '1e-3'; it must be a number, 0 or more; it is text: ",
    ),
    "declared twice": (
        ("name: rows", "name: accuracy"),
        "line 12: accuracy is declared twice",
    ),
    "pattern declared twice": (
        ("  - name: rows", "  - name: recall\n    slice: classes/*"),
        "line 12: recall of classes/* is declared twice",
    ),
    "pattern within a label": (
        ("slice: classes/*", "slice: classes/8*"),
        "line 8: 'slice' in recall of classes/8* is 'classes/8*'; it must be '' or 'classes/LABEL', ",
    ),
    "slice of another kind": (
        ("slice: classes/*", "slice: class/8"),
        "line 8: 'slice' in recall of class/8 is 'class/8'; it must be '' or 'classes/LABEL', ",
    ),
    "minimum above maximum": (
        ("minimum: 0.9", "minimum: 0.9\n    maximum: 0.8"),
        "line 2: accuracy has a minimum of 0.9 above its maximum of 0.8",
    ),
    "warns above the failure": (
        ("warn: 1.5", "warn: 4"),
        "line 16: wall_seconds of train warns at 4.0, above 3.0, where it fails",
    ),
    "factor below 1": (
        ("warn: 1.5", "warn: 0.5"),
        "line 16: 'warn' in 'resources.train.wall_seconds' is 0.5; it must be a factor of what the last release ",
    ),
    "factor that cannot fail": (
        ("fail: 3", "fail: 1001"),
        "line 16: 'fail' in 'resources.train.wall_seconds' is 1001; it must be a factor of what the last release ",
    ),
    "factor is NaN": (
        ("warn: 1.5", "warn: .nan"),
        "line 16: .nan is not finite, and nothing compares with it",
    ),
    "limit without a failure": (
        ("{ warn: 1.5, fail: 3 }", "{ warn: 1.5 }"),
        "line 16: the key 'fail' is missing in 'resources.train.wall_seconds'",
    ),
    "agreement of nothing": (
        ("agreement: 0.99", "agreement: 0"),
        "line 19: 'agreement' in 'equality.predictions' is 0; it must be a share: a number above 0 and at most 1",
    ),
    "agreement of more than all": (
        ("agreement: 0.99", "agreement: 99"),
        "line 19: 'agreement' in 'equality.predictions' is 99; it must be a share: a number above 0 and at most 1",
    ),
    "retired without a reason": (
        ("resources:", "retired: [{ name: f1 }]\nresources:"),
        "line 14: the key 'reason' is missing in 'retired.0'",
    ),
    "retired and promised": (
        ("resources:", "retired: [{ name: accuracy, reason: dull }]\nresources:"),
        "line 14: accuracy is retired, and a metric of the contract too",
    ),
    "equality without a reason": (
        ("  reason: cuBLAS of two GPU kinds\n", ""),
        "line 18: the key 'reason' is missing in 'equality'",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_refused_with_its_sentence(tmp_path: Path, name: str) -> None:
    (old, new), sentence = FAULTS[name]
    assert GOOD.count(old) == 1
    assert refusal(tmp_path, GOOD.replace(old, new)).startswith(sentence)


def test_contract_without_metrics_is_refused(tmp_path: Path) -> None:
    sentence = "line 1: 'metrics' is []; it must be a list of at least one metric"
    assert refusal(tmp_path, "metrics: []") == sentence


def test_of_several_faults_the_first_line_is_named(tmp_path: Path) -> None:
    text = GOOD.replace("agreement: 0.99", "agreement: 2").replace("minimum: 0.9", "minimum: x")
    assert refusal(tmp_path, text).startswith("line 5: ")


def test_long_value_is_cut(tmp_path: Path) -> None:
    assert len(refusal(tmp_path, GOOD.replace("minimum: 0.9", f"minimum: {'x' * 100_000}"))) < 400


def test_every_quantity_of_the_schema_is_judged() -> None:
    defined = load_schema(OWN / "contract.schema.json")["$defs"]
    assert isinstance(defined, dict)
    assert defined["quantities"]["properties"].keys() == QUANTITIES.keys()
