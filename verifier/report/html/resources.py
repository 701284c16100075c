"""What builds used over releases, and the curves of a training, as plots and as tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from verifier.contract.resources import QUANTITIES
from verifier.report.html.metrics import Pictured, release_labels, release_span
from verifier.report.html.plots.chart import Chart, drawn
from verifier.report.html.plots.scale import Scale, finite
from verifier.report.html.plots.series import Series
from verifier.report.html.shown import number, quantity_words, unit
from verifier.report.html.templating import table
from verifier.site.records import Curve, ModelPage, ReleasePoint

# Steps that differ by more are drawn on a logarithmic axis; what never took so long is in the table only.
FAR, SHORT = 30.0, 0.05
ROWS, CURVES = "resources-table", "curves-table"


@dataclass(frozen=True, kw_only=True)
class Plots:
    """Plots, the table with all their values, and notes on what is not worth a plot."""

    charts: tuple[Pictured, ...] = ()
    table: Markup | None = None
    notes: tuple[str, ...] = ()


def resources_of(page: ModelPage) -> Plots:
    """Returns a plot for each quantity, with a line for each step."""
    columns = _columns(page.releases)
    if not columns:
        return Plots()
    divided = {
        quantity: unit(quantity, max(finite(v for q, _, values in columns if q == quantity for v in values)))
        for quantity, _, _ in columns
    }
    head = ("release", *(_head(quantity, step, divided[quantity][1]) for quantity, step, _ in columns))
    rows = [
        (point.version, *(_shown(values[index], divided[quantity][0]) for quantity, _, values in columns))
        for index, point in enumerate(page.releases)
    ]
    charts = [
        _chart(
            quantity, [(i, s, v) for i, (q, s, v) in enumerate(columns) if q == quantity], by, page.releases
        )
        for quantity, by in divided.items()
        if _is_worth(quantity, columns)
    ]
    numbers = table(ROWS, f"Resources of {page.name} by release", head, rows)
    return Plots(charts=tuple(charts), table=numbers, notes=tuple(_notes(columns, divided)))


Used = tuple[str, str, tuple[float | None, ...]]


def _columns(releases: Sequence[ReleasePoint]) -> list[Used]:
    steps = dict.fromkeys(step for one in releases for step in one.resources)
    there = dict.fromkeys(q for one in releases for used in one.resources.values() for q in used)
    quantities = [q for q in QUANTITIES if q in there] + [q for q in there if q not in QUANTITIES]
    columns = [
        (quantity, step, tuple(one.resources.get(step, {}).get(quantity) for one in releases))
        for quantity in quantities
        for step in steps
    ]
    return [column for column in columns if finite(column[2])]


def _is_worth(quantity: str, columns: Iterable[Used]) -> bool:
    values = finite(value for q, _, values in columns if q == quantity for value in values)
    is_long = max(values) > (SHORT if quantity.endswith("_seconds") else 0)
    return is_long and (len(set(values)) > 1 or len(values) == 1)


def _notes(columns: Sequence[Used], divided: Mapping[str, tuple[float, str]]) -> Iterator[str]:
    for quantity, (divisor, words) in divided.items():
        values = set(finite(value for q, _, values in columns if q == quantity for value in values))
        if not _is_worth(quantity, columns):
            most = number(max(values) / divisor)
            always = most if len(values) == 1 else f"at most {most}"
            where = "in every step of every release"
            yield f"{quantity_words(quantity)}: {always}{f' {words}' if words else ''} {where}"


def _chart(
    quantity: str,
    used: Sequence[tuple[int, str, tuple[float | None, ...]]],
    by: tuple[float, str],
    releases: Sequence[ReleasePoint],
) -> Pictured:
    divisor, words = by
    series = [
        Series(name=step, values=tuple(None if v is None else v / divisor for v in values))
        for _, step, values in used
    ]
    values = finite(value for one in series for value in one.values)
    title = f"{quantity_words(quantity)}{f', {words}' if words else ''}"
    chart = Chart(
        key=f"used-{used[0][0]}",
        title=f"{title}, by step, over releases",
        places=tuple(map(float, range(len(releases)))),
        labels=release_labels([one.version for one in releases]),
        span=release_span([one.version for one in releases]),
        series=tuple(series),
        unit=words,
        logarithmic=min(values) > 0 and max(values) / min(values) > FAR,
        rows=ROWS,
        columns=tuple(index + 1 for index, _, _ in used),
    )
    scale = "logarithmic" if chart.logarithmic else ""
    return Pictured(name=title, latest="", change="", allowed=scale, reason="", drawing=drawn(chart))


def _head(quantity: str, step: str, words: str) -> str:
    return f"{step}, {quantity_words(quantity)}{f', {words}' if words else ''}"


def _shown(value: float | None, divisor: float) -> str:
    return "" if value is None else number(value / divisor)


def curves_of(page: ModelPage) -> Plots:
    """Returns a plot for each quantity of the training's trace."""
    if not page.curves:
        return Plots()
    by_step = [dict(curve.points) for curve in page.curves]
    steps = sorted({step for points in by_step for step in points})
    rows = [(f"{step:,}", *(_shown(points.get(step), 1) for points in by_step)) for step in steps]
    head = ("step", *(_words(curve) for curve in page.curves))
    caption = f"The training of {page.name}, {len(steps):,} of {page.curves[0].steps:,} steps"
    charts = [_curve(i, curve, steps, by_step[i]) for i, curve in enumerate(page.curves)]
    return Plots(charts=tuple(charts), table=table(CURVES, caption, head, rows))


def _curve(index: int, curve: Curve, steps: Sequence[int], points: dict[int, float]) -> Pictured:
    last = curve.points[-1][1] if curve.points else None
    chart = Chart(
        key=f"curve-{index}",
        title=f"{_words(curve)} by training step",
        places=tuple(map(float, steps)),
        labels=step_labels(steps),
        span=step_span(steps),
        series=(Series(name="", values=tuple(points.get(step) for step in steps)),),
        bridged=True,
        rows=CURVES,
        columns=(index + 1,),
    )
    latest = "" if last is None else number(last)
    return Pictured(name=_words(curve), latest=latest, change="", allowed="", reason="", drawing=drawn(chart))


def _words(curve: Curve) -> str:
    return curve.quantity.replace("_", " ")


def step_labels(steps: Sequence[int]) -> tuple[tuple[float, str], ...]:
    """Returns labels for a horizontal axis of training steps: round ones, or the only one."""
    if not steps or steps[0] == steps[-1]:
        return tuple((float(step), f"{step:,}") for step in steps[:1])
    ticks = Scale(low=steps[0], high=steps[-1], start=0, end=1).ticks(4)
    whole = [tick for tick in ticks if tick == int(tick)]
    return tuple((tick, f"{int(tick):,}") for tick in whole)


def step_span(steps: Sequence[int]) -> str:
    """Returns from which training step to which."""
    return f"From step {steps[0]:,} to {steps[-1]:,}" if steps else ""
