"""A plot of lines: metrics with their band, resources, the curves of a training, or where two part."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from verifier.report.html.plots import parts
from verifier.report.html.plots.described import described
from verifier.report.html.plots.scale import Scale, drawable, finite, spanning, tick_labels
from verifier.report.html.plots.series import Limit, Series

# In a narrow place and in a wide one, so that words are of one size in both.
NARROW, WIDE, HEIGHT = 400, 600, 176
LEFT, TOP, RIGHT, BOTTOM = 50, 16, 14, 24
# More places than these are drawn as a line without marks.
MOST_MARKS = 60
LETTER, LONGEST_LABEL, LINE = 6.3, 14, 11
# A bound further away than so many spans of the values would flatten them: the caption has it.
NEAR = 1.2


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What is drawn. `places` are where values stand on the horizontal axis, `labels` what is written there,
    `span` in words from where to where they go.

    A value that is not there is a gap, unless gaps are `bridged`. `band` and `limits` are what a contract allows,
    `allowed` says it in words; `marked` are the places of values outside of it. `parting` is a place with words.
    `rows` and `columns` name the table, and its columns, in which all values can be read.
    """

    key: str
    title: str
    places: tuple[float, ...]
    labels: tuple[tuple[float, str], ...]
    series: tuple[Series, ...]
    unit: str = ""
    span: str = ""
    band: tuple[float, float] | None = None
    limits: tuple[Limit, ...] = ()
    allowed: str = ""
    marked: frozenset[int] = frozenset()
    parting: tuple[float, str] | None = None
    logarithmic: bool = False
    bridged: bool = False
    wide: bool = False
    rows: str = ""
    columns: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """How wide it is drawn."""
        return WIDE if self.wide else NARROW


def drawn(chart: Chart) -> Markup:
    """Returns the plot."""
    frame = _frame(chart)
    names = [one.name for one in chart.series if one.name]
    pieces = [
        *_allowed(chart, frame),
        *_axes(chart, frame),
        *_parting(chart, frame),
        *(piece for index, one in enumerate(chart.series) for piece in _series(chart, frame, index, one)),
        *(_names(chart, frame) if len(names) > 1 else ()),
    ]
    where = ",".join(map(str, chart.columns))
    followed = f' data-x="{_followed(chart, frame)}" data-rows="{chart.rows}" data-columns="{where}"'
    said = described(chart.series, chart.span, chart.unit, chart.allowed)
    attributes = followed if chart.rows else ""
    return parts.drawing(chart.key, chart.title, said, (chart.width, HEIGHT), pieces, attributes)


@dataclass(frozen=True, kw_only=True)
class _Frame:
    x: Scale
    y: Scale
    right: float
    across: tuple[float, ...]


def _frame(chart: Chart) -> _Frame:
    names = [one.name for one in chart.series if one.name]
    longest = max((len(parts.cut(name, LONGEST_LABEL)) for name in names), default=0)
    right = chart.width - RIGHT - (longest * LETTER if len(names) > 1 else 0)
    values = finite(value for one in chart.series for value in one.values)
    near = [*values, *(chart.band or ())]
    span = max(near, default=0.0) - min(near, default=0.0)
    limits = [one.value for one in chart.limits if _is_near(one.value, near, span)]
    logarithmic = chart.logarithmic and min(near, default=0.0) > 0
    y = spanning([*near, *limits], HEIGHT - BOTTOM, TOP, logarithmic=logarithmic)
    low, high = min(chart.places, default=0.0), max(chart.places, default=1.0)
    inset = (
        min(24.0, (right - LEFT) / 2 / max(1, len(chart.places))) if len(chart.places) <= MOST_MARKS else 0
    )
    if low == high:
        low, high = low - 1, high + 1
    x = Scale(low=low, high=high, start=LEFT + inset, end=right - inset)
    return _Frame(x=x, y=y, right=right, across=tuple(map(x.at, chart.places)))


def _is_near(value: float, near: list[float], span: float) -> bool:
    return not near or min(near) - NEAR * span <= value <= max(near) + NEAR * span


def _allowed(chart: Chart, frame: _Frame) -> Iterator[str]:
    """Yields the band that a contract allows, and its bounds."""
    if chart.band is not None:
        low, high = (frame.y.at(value) for value in chart.band)
        yield parts.rectangle("band", LEFT, high, frame.right - LEFT, max(low - high, 1))
    for limit in chart.limits:
        if frame.y.low <= limit.value <= frame.y.high:
            y = frame.y.at(limit.value)
            yield parts.line(f"limit {limit.kind}", LEFT, y, frame.right, y)
            if limit.label:
                yield parts.text("limit-label", LEFT + 3, y - 3 if y > TOP + 8 else y + 9, limit.label)


def _axes(chart: Chart, frame: _Frame) -> Iterator[str]:
    ticks = frame.y.ticks()
    for tick, label in zip(ticks, tick_labels(ticks), strict=True):
        y = frame.y.at(tick)
        yield parts.line("grid", LEFT, y, frame.right, y)
        yield parts.text("tick end", LEFT - 6, y + 3.5, label)
    yield parts.line("axis", LEFT, HEIGHT - BOTTOM, frame.right, HEIGHT - BOTTOM)
    for place, label in chart.labels:
        x = frame.x.at(place)
        yield parts.line("axis", x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 3)
        side = "" if x > frame.right - 20 else "middle"
        yield parts.text(f"tick {side or 'end'}", x if side else x + 8, HEIGHT - 8, label)


def _parting(chart: Chart, frame: _Frame) -> Iterator[str]:
    if chart.parting is None:
        return
    place, words = chart.parting
    x = frame.x.at(place)
    yield parts.line("parting", x, TOP - 4, x, HEIGHT - BOTTOM)
    early = x < (LEFT + frame.right) / 2
    yield parts.text(f"parting-label{'' if early else ' end'}", x + (4 if early else -4), TOP + 3, words)


def _series(chart: Chart, frame: _Frame, index: int, one: Series) -> Iterator[str]:
    ups = frame.y.along(one.values)
    points = [None if y is None else (x, y) for x, y in zip(frame.across, ups, strict=True)]
    there = [point for point in points if point is not None]
    pieces = [there] if chart.bridged else _unbroken(points)
    style = index % len(parts.MARKS)
    dense = "" if len(chart.places) <= MOST_MARKS else " dense"
    yield parts.path(f"line s{style}{dense}", parts.polyline(pieces))
    if len(chart.places) <= MOST_MARKS:
        inside = [p for i, p in enumerate(points) if p is not None and i not in chart.marked]
        yield parts.path(f"mark s{style}", "".join(parts.MARKS[style](*point) for point in inside))
        outside = [p for i, p in enumerate(points) if p is not None and i in chart.marked]
        yield parts.path("outside", "".join(parts.cross(*point) for point in outside))


def _unbroken(points: list[parts.Point | None]) -> list[list[parts.Point]]:
    groups = groupby(points, key=lambda point: point is not None)
    return [[point for point in group if point is not None] for there, group in groups if there]


def _names(chart: Chart, frame: _Frame) -> Iterator[str]:
    """Yields the names at the ends of the lines, pushed apart where they would overlap."""
    ends = []
    for index, one in enumerate(chart.series):
        values = finite(one.values)
        if values:
            ends.append((frame.y.at(values[-1]), index % len(parts.MARKS), one.name))
    low = float(TOP)
    for y, style, name in sorted(ends):
        low = max(low, y - LINE * 0.3)
        shown = parts.cut(name, LONGEST_LABEL)
        yield parts.text(f"name s{style}", frame.right + 5, low + 4, shown)
        low += LINE


def _followed(chart: Chart, frame: _Frame) -> str:
    """Returns where each row of the table stands; nothing for a row without a value."""
    rows = zip(frame.across, zip(*(one.values for one in chart.series), strict=True), strict=True)
    return ",".join(f"{x:.1f}" if any(map(drawable, values)) else "" for x, values in rows)
