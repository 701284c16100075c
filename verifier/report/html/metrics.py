"""Metrics over releases, against what the contract allows, as plots and as a table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from verifier.report.html.plots.chart import Chart, drawn
from verifier.report.html.plots.parts import cut
from verifier.report.html.plots.scale import finite
from verifier.report.html.plots.series import Limit, Series
from verifier.report.html.shown import metric_key, metric_words, number, signed
from verifier.report.html.templating import table
from verifier.site.records import Band, ModelPage, ReleasePoint
from verifier.verdict import Verdict

MOST_CHARTS, LONGEST_LABEL, LETTER, LABELS_WIDTH = 24, 9, 6, 320
ROWS = "metrics-table"


@dataclass(frozen=True, kw_only=True)
class Pictured:
    """A plot with what is said beside it."""

    name: str
    latest: str
    change: str
    allowed: str
    reason: str
    drawing: Markup


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """All metrics of a model: the first are drawn, `left_out` are only in the table."""

    charts: tuple[Pictured, ...] = ()
    left_out: int = 0
    table: Markup | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A metric over releases; `now` is what a check of an unreleased version measured."""

    name: str
    values: tuple[float | None, ...]
    now: float | None
    band: Band | None


def metrics_of(page: ModelPage) -> Metrics:
    """Returns the metrics, in the order of the contract, then of the releases."""
    version, found = unreleased(page)
    columns = columns_of(page, found)
    if not columns:
        return Metrics()
    versions = [one.version for one in page.releases] + ([version] if found else [])
    chosen = columns[:MOST_CHARTS]
    charts = tuple(pictured(f"metric-{i}", one, versions, i + 1) for i, one in enumerate(chosen))
    head = ("release", "date", *(metric_words(one.name) for one in columns))
    rows = [
        (point.version, point.date, *(_shown(one.values[index]) for one in columns))
        for index, point in enumerate(page.releases)
    ]
    if found:
        rows.append((f"{version}, not released", "", *(_shown(one.now) for one in columns)))
    numbers = table(ROWS, f"Metrics of {page.name} by release", head, rows)
    return Metrics(charts=charts, left_out=len(columns) - len(charts), table=numbers)


def unreleased(page: ModelPage) -> tuple[str, Mapping[str, float]]:
    """Returns the version last checked and its metrics, where it is not among the releases."""
    verdict: Verdict | None = page.outcomes[0].verdict if page.outcomes else None
    if verdict is None or any(one.version == verdict.version for one in page.releases):
        return "", {}
    return verdict.version, {metric_key(name): value for name, value in verdict.metrics.items()}


def columns_of(page: ModelPage, found: Mapping[str, float]) -> list[Column]:
    """Returns a column for each metric that any release has, or the contract, or the last check."""
    bands = {metric_key(name): band for name, band in page.bands.items()}
    released = [{metric_key(name): value for name, value in one.metrics.items()} for one in page.releases]
    names = dict.fromkeys([*bands, *(name for one in [*reversed(released), found] for name in one)])
    columns = [
        Column(
            name=name,
            values=tuple(one.get(name) for one in released),
            now=found.get(name),
            band=bands.get(name),
        )
        for name in names
    ]
    return [one for one in columns if one.now is not None or finite(one.values)]


def pictured(key: str, one: Column, versions: Sequence[str], column: int) -> Pictured:
    """Returns the plot of a metric; `column` is that of the table in which its values are."""
    checked = len(versions) > len(one.values)
    values = [*one.values, None] if checked else list(one.values)
    series = [Series(name="", values=tuple(values))]
    if checked:
        series.append(Series(name="", values=(*(None for _ in one.values), one.now)))
    allowed = allowed_words(one.band)
    chart = Chart(
        key=key,
        title=f"{metric_words(one.name)} over releases",
        places=tuple(map(float, range(len(versions)))),
        labels=release_labels(versions),
        span=release_span(versions),
        series=tuple(series),
        allowed=allowed,
        marked=_outside(one, values),
        rows=ROWS,
        columns=(column + 1,),
    )
    known = [*finite(one.values), *([one.now] if one.now is not None else [])]
    change = signed(known[-1] - known[-2]) if len(known) > 1 and known[-1] != known[-2] else ""
    return Pictured(
        name=metric_words(one.name),
        latest=number(known[-1]),
        change=change,
        allowed=allowed,
        reason=one.band.reason if one.band else "",
        drawing=drawn(_held(chart, one.band, known)),
    )


def _held(chart: Chart, band: Band | None, known: Sequence[float]) -> Chart:
    """Returns the chart with the band and the bounds; where only one side is held, the band ends at the values."""
    if band is None:
        return chart
    limits = []
    if band.baseline is not None:
        limits.append(Limit(value=band.baseline, label="", kind="baseline"))
    for value, word in ((band.minimum, "minimum"), (band.maximum, "maximum")):
        if value is not None:
            limits.append(Limit(value=value, label=f"{word} {number(value)}", kind="bound"))
    between = None
    if band.low is not None or band.high is not None:
        around = [*finite(known), *finite([band.baseline])]
        low = min(around) if band.low is None else band.low
        high = max(around) if band.high is None else band.high
        between = (min(low, high), max(low, high)) if finite([low]) and finite([high]) else None
    return replace(chart, limits=tuple(limits), band=between)


def _outside(one: Column, values: Sequence[float | None]) -> frozenset[int]:
    """Returns the places of values beyond a bound; the value of the last check is held against the band too."""
    band = one.band
    if band is None:
        return frozenset()
    bad = [index for index, value in enumerate(values) if _beyond(value, band.minimum, band.maximum)]
    if _beyond(one.now, band.minimum, band.maximum) or _beyond(one.now, band.low, band.high):
        bad.append(len(values) - 1)
    return frozenset(bad)


def _beyond(value: float | None, low: float | None, high: float | None) -> bool:
    if value is None:
        return False
    return (low is not None and value < low) or (high is not None and value > high)


def allowed_words(band: Band | None) -> str:
    """Returns what a contract allows, in words."""
    if band is None:
        return ""
    words = []
    if band.low is not None and band.low == band.high:
        words.append(f"exactly {number(band.low)}")
    elif band.low is not None and band.high is not None:
        words.append(f"{number(band.low)} to {number(band.high)}")
    elif band.low is not None:
        words.append(f"at least {number(band.low)}")
    elif band.high is not None:
        words.append(f"at most {number(band.high)}")
    words += [f"minimum {number(band.minimum)}"] if band.minimum is not None else []
    words += [f"maximum {number(band.maximum)}"] if band.maximum is not None else []
    return ", ".join(words)


def release_labels(versions: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """Returns labels for a horizontal axis of releases, as many as there is room for; the last is among them."""
    labels = [cut(version, LONGEST_LABEL) for version in versions]
    room = max(1, LABELS_WIDTH // (max(map(len, labels), default=1) * LETTER + LETTER))
    every = math.ceil(len(labels) / room)
    chosen = range(len(labels) - 1, -1, -every) if labels else ()
    return tuple((float(index), labels[index]) for index in reversed(chosen))


def release_span(versions: Sequence[str]) -> str:
    """Returns from which release to which."""
    return f"From release {versions[0]} to {versions[-1]}" if versions else ""


def _shown(value: float | None) -> str:
    return "" if value is None else number(value)


def values_of(releases: Sequence[ReleasePoint], name: str) -> list[float | None]:
    """Returns a metric over releases, None where a release has none."""
    return [one.metrics.get(name) for one in releases]
