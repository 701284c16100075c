"""The curves of a bundle's training; a trace that is not whole is refused, not drawn."""

import json
from pathlib import Path

import pytest

from builder.runtime.trace import Trace
from tests.unit.traces import write_trace
from verifier.errors import BadInput
from verifier.site.curves import MOST_POINTS, curves_of
from verifier.trace import DECISIONS, STEPS


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write_trace(tmp_path / "bundle" / "training" / "trace", 30)
    return tmp_path / "bundle"


def test_bundle_has_the_three_curves_of_its_training(bundle: Path) -> None:
    found = curves_of(bundle)
    assert [one.quantity for one in found] == ["loss", "learning_rate", "gradient_norm"]
    assert {one.steps for one in found} == {30}
    assert found[0].points == tuple((step, 1 / step) for step in range(1, 31))


def test_long_training_has_so_many_points_and_both_ends(tmp_path: Path) -> None:
    write_trace(tmp_path / "trace", 3001)
    loss = curves_of(tmp_path)[0]
    assert len(loss.points) == MOST_POINTS
    assert (loss.points[0][0], loss.points[-1][0], loss.steps) == (1, 3001, 3001)


def test_bundle_without_a_trace_has_no_curves(tmp_path: Path) -> None:
    assert curves_of(tmp_path) == ()
    assert curves_of(tmp_path / "absent") == ()


def test_quantity_that_was_never_noted_is_left_out(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "trace", tensors_every=100)
    for loss in (1.0, None, 0.5):
        trace.record(batch=None, loss=loss, learning_rate=None, gradient_norm=None)
    trace.close()
    (found,) = curves_of(tmp_path)
    assert (found.quantity, found.points, found.steps) == ("loss", ((1, 1.0), (3, 0.5)), 3)


def test_training_without_a_step_has_no_curves(tmp_path: Path) -> None:
    Trace(tmp_path / "trace", tensors_every=100).close()
    assert curves_of(tmp_path) == ()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-1],
        lambda text: text[: text.index(b"\n") * 3],
        lambda text: text[: (text.index(b"\n") + 1) * 29],  # whole lines, and too few
        lambda text: text + text[: text.index(b"\n") + 1],
        lambda text: b"\0" * len(text),
        lambda _: b"",
        lambda text: text.replace(b'"step"', b'"stop"', 1),
    ],
)
def test_damaged_trace_is_refused(damage: object, bundle: Path) -> None:
    path = bundle / "training" / "trace" / STEPS
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(BadInput, match="cannot be drawn: the trace is damaged"):
        curves_of(bundle)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null"])
def test_damaged_decisions_are_refused(text: str, bundle: Path) -> None:
    (bundle / "training" / "trace" / DECISIONS).write_text(text)
    with pytest.raises(BadInput, match=DECISIONS):
        curves_of(bundle)


def test_trace_that_was_never_ended_is_refused(bundle: Path) -> None:
    (bundle / "training" / "trace" / DECISIONS).unlink()
    with pytest.raises(BadInput, match="No such file"):
        curves_of(bundle)


def test_trace_of_another_training_is_refused(bundle: Path) -> None:
    path = bundle / "training" / "trace" / DECISIONS
    path.write_text(json.dumps(json.loads(path.read_text()) | {"chain": "0" * 32}))
    with pytest.raises(BadInput, match="the trace is damaged"):
        curves_of(bundle)


def test_decisions_without_end_are_not_read(bundle: Path) -> None:
    with (bundle / "training" / "trace" / DECISIONS).open("r+b") as file:
        file.truncate(1 << 30)
    with pytest.raises(BadInput, match="is larger than"):
        curves_of(bundle)
