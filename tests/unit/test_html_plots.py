"""Plots: axes, gaps, bounds and words, as values and as the SVG that comes of them."""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from verifier.clock import rfc3339
from verifier.explain.pictured import DECADES, TensorDifference
from verifier.report.html.metrics import release_labels
from verifier.report.html.plots.chart import Chart, drawn
from verifier.report.html.plots.histogram import decade, histogram
from verifier.report.html.plots.scale import Scale, spanning, tick_labels
from verifier.report.html.plots.series import Limit, Series
from verifier.report.html.plots.spark import spark
from verifier.report.html.plots.timeline import dated, holes, strip, timeline
from verifier.site.records import Outcome

EMPTY = Chart(key="k", title="t", places=(), labels=(), series=())
FIVE = replace(
    EMPTY,
    places=(0.0, 1.0, 2.0, 3.0, 4.0),
    labels=((0.0, "1.0"), (4.0, "1.4")),
    series=(Series(name="", values=(1.0, 2.0, None, 4.0, 3.0)),),
)
START = datetime(2026, 1, 1, tzinfo=UTC)


def lines(svg: str) -> list[str]:
    return re.findall(r'class="line [^"]*" d="([^"]*)"', svg)


def outcome(days: float, *, verified: bool = True, version: str = "1.0.0") -> Outcome:
    return Outcome(
        time=rfc3339(START + timedelta(days=days)),
        version=version,
        verified=verified,
        level="bitwise",
        identifier=None,
        not_passed=(),
        source="ledger",
    )


@pytest.mark.parametrize("values", [(0.9755, 0.98), (0.0, 1e9), (-3.0, 4.0), (48.9, 51.8), (1e-300, 2e-300)])
def test_axis_has_three_to_six_round_values(values: tuple[float, float]) -> None:
    scale = spanning(values, 0, 100)
    ticks = scale.ticks()
    assert 3 <= len(ticks) <= 6
    assert len(set(tick_labels(ticks))) == len(ticks)
    assert all(scale.low <= tick <= scale.high for tick in ticks)


def test_lone_value_is_in_the_middle() -> None:
    assert spanning([5.0], 0, 100).at(5.0) == pytest.approx(50)


def test_logarithmic_axis_has_decades() -> None:
    scale = spanning([1e-8, 1e-2], 100, 0, logarithmic=True)
    assert tick_labels(scale.ticks()) == ["1e-8", "1e-6", "0.0001", "0.01"]


def test_value_outside_is_drawn_at_the_rim() -> None:
    scale = Scale(low=0, high=1, start=10, end=20)
    assert (scale.at(-5), scale.at(7)) == (10, 20)
    assert scale.along([-5, None, 7]) == [10, None, 20]


def test_missing_value_is_a_gap_in_the_line() -> None:
    assert lines(drawn(FIVE))[0].count("M") == 2
    assert "1 without a value." in drawn(FIVE)


def test_bridged_gap_is_none() -> None:
    assert lines(drawn(replace(FIVE, bridged=True)))[0].count("M") == 1


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 1.7e308])
def test_value_that_cannot_be_drawn_is_a_gap(value: float) -> None:
    one = replace(FIVE, series=(Series(name="", values=(1.0, 2.0, value, 4.0, 3.0)),))
    assert lines(drawn(one))[0].count("M") == 2
    assert "nan" not in drawn(one).lower() and "inf" not in drawn(one).lower()


def test_plot_of_nothing_is_drawn() -> None:
    assert drawn(EMPTY).startswith("<svg")
    assert "no value." in drawn(replace(FIVE, series=(Series(name="", values=(None,) * 5),)))


def test_value_outside_a_bound_has_a_cross() -> None:
    assert 'class="outside"' not in drawn(FIVE)
    assert 'class="outside"' in drawn(replace(FIVE, marked=frozenset({1})))


def test_bound_that_would_flatten_the_values_is_not_drawn() -> None:
    near, far = (Limit(value=value, label=f"minimum {value}", kind="bound") for value in (0.5, -40.0))
    assert "minimum 0.5" in drawn(replace(FIVE, limits=(near,)))
    assert "minimum -40" not in drawn(replace(FIVE, limits=(far,)))


def test_lines_differ_in_marks_not_in_colour_alone() -> None:
    both = replace(FIVE, series=(Series(name="a", values=(1,) * 5), Series(name="b", values=(2,) * 5)))
    first, second = re.findall(r'class="mark s\d" d="M\S+ [^a-z]*([a-z])', drawn(both))
    assert first != second


def test_names_of_lines_that_end_together_are_pushed_apart() -> None:
    same = tuple(Series(name=name, values=(1.0,) * 5) for name in ("train", "prepare", "evaluate"))
    svg = drawn(replace(FIVE, series=same))
    heights = [float(y) for y in re.findall(r'class="name s\d" x="[^"]*" y="([^"]*)"', svg)]
    assert len(heights) == 3 and all(b - a >= 10 for a, b in pairwise(heights))


def test_histogram_shows_one_element_among_millions() -> None:
    counts = (1, *(0,) * (DECADES - 2), 5_000_000)
    one = TensorDifference(
        path="w", tensor="t", elements=6_000_000, differing=5_000_001, largest=math.inf, histogram=counts
    )
    svg = histogram("k", one)
    assert svg.count('class="bar"') == 2
    assert "1 below 1e-15, 5,000,000 1 and more" in svg
    assert "at most by infinite" in svg
    assert decade(8) == "1e-8 to 1e-7"


def test_time_without_a_check_is_a_gap() -> None:
    known = [outcome(day) for day in (0, 1, 2, 3, 44, 45, 46)]
    assert [(b - a).days for a, b in holes(dated(known))] == [41]
    assert "no check from 2026-01-04 to 2026-02-14" in timeline("k", known)
    assert holes(dated(known[:4])) == []


def test_check_without_a_time_is_not_on_the_timeline() -> None:
    assert timeline("k", [replace(outcome(1), time="")]) is None
    assert timeline("k", [replace(outcome(1), time="2026-99-99T00:00:00Z")]) is None


def test_strip_counts_what_it_shows() -> None:
    svg = strip([outcome(2), outcome(1, verified=False), outcome(0)])
    assert svg is not None and 'aria-label="last 3 checks: 2 verified, 1 failed"' in svg
    assert strip([]) is None


def test_spark_is_there_only_with_a_value() -> None:
    assert spark("m", [None, math.nan]) is None
    assert "m over 3 releases: 1 to 2" in str(spark("m", [1, None, 2]))


def test_labels_of_releases_have_room_and_the_last_is_one_of_them() -> None:
    assert [label for _, label in release_labels(["1.0.0", "1.1.0", "1.2.0"])] == ["1.0.0", "1.1.0", "1.2.0"]
    many = release_labels([f"1.{i}.0" for i in range(50)])
    assert 4 <= len(many) <= 9 and many[-1] == (49.0, "1.49.0")
    assert release_labels([]) == ()
