"""What moved, drawn: where two trainings part, how far tensors are apart, and findings in their order."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from verifier.explain.findings import Cause, Finding
from verifier.explain.pictured import Parting, TensorDifference
from verifier.report.html.plots.chart import Chart, drawn
from verifier.report.html.plots.histogram import histogram
from verifier.report.html.plots.series import Series
from verifier.report.html.resources import step_labels, step_span
from verifier.report.html.shown import number
from verifier.report.html.templating import table
from verifier.verdict import Explained

MOST_TENSORS, MOST_PARTINGS = 12, 6


@dataclass(frozen=True, kw_only=True)
class FileFound:
    """What was found in one file."""

    path: str
    step: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class PartingDrawn:
    """A quantity of both trainings, and how far apart it is."""

    words: str
    step: int
    both: Markup
    apart: Markup | None
    table: Markup


@dataclass(frozen=True, kw_only=True)
class TensorDrawn:
    """A tensor with its histogram."""

    one: TensorDifference
    drawing: Markup


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """An explanation, to be shown; `left_out` counts findings, `tensors_left_out` what is only in the table."""

    subject: str
    files: tuple[FileFound, ...]
    left_out: int
    cause: Cause | None
    replayed: tuple[str, ...]
    partings: tuple[PartingDrawn, ...]
    tensors: tuple[TensorDrawn, ...]
    tensors_left_out: int
    table: Markup | None


def drawn_explanation(key: str, explained: Explained) -> Drawn:
    """Returns an explanation with its plots; `key` is unique on the page."""
    groups = itertools.groupby(explained.explanation.findings, key=lambda one: (one.step, one.path))
    files = [FileFound(path=path, step=step, findings=tuple(found)) for (step, path), found in groups]
    partings = explained.partings[:MOST_PARTINGS]
    tensors = explained.tensors[:MOST_TENSORS]
    return Drawn(
        subject=explained.subject,
        files=tuple(files),
        left_out=explained.explanation.left_out,
        cause=explained.explanation.cause,
        replayed=explained.replayed,
        partings=tuple(_parting(f"{key}-p{i}", one) for i, one in enumerate(partings)),
        tensors=tuple(
            TensorDrawn(one=one, drawing=histogram(f"{key}-h{i}", one)) for i, one in enumerate(tensors)
        ),
        tensors_left_out=len(explained.tensors) - len(tensors),
        table=_tensors(key, explained.tensors) if explained.tensors else None,
    )


def _parting(key: str, one: Parting) -> PartingDrawn:
    first, second = dict(one.first), dict(one.second)
    steps = sorted({*first, *second})
    words = one.quantity.replace("_", " ")
    rows = f"{key}-table"
    both = Chart(
        key=f"{key}-both",
        title=f"{words} of both trainings",
        places=tuple(map(float, steps)),
        labels=step_labels(steps),
        span=step_span(steps),
        series=(
            Series(name="first build", values=tuple(first.get(step) for step in steps)),
            Series(name="second build", values=tuple(second.get(step) for step in steps)),
        ),
        parting=(float(one.step), f"they part at step {one.step:,}"),
        bridged=True,
        wide=True,
        rows=rows,
        columns=(1, 2),
    )
    apart = [abs(first[s] - second[s]) if s in first and s in second else None for s in steps]
    caption = f"{words} by training step, in both builds"
    cells = [
        (f"{step:,}", *(f"{value:.17g}" if value is not None else "" for value in (a, b)), _shown(c))
        for step, a, b, c in zip(steps, map(first.get, steps), map(second.get, steps), apart, strict=True)
    ]
    return PartingDrawn(
        words=words,
        step=one.step,
        both=drawn(both),
        apart=_apart(key, words, steps, apart, one.step),
        table=table(rows, caption, ("step", "first build", "second build", "apart"), cells),
    )


def _apart(
    key: str, words: str, steps: Sequence[int], apart: Sequence[float | None], step: int
) -> Markup | None:
    """Returns how far apart both are, on a logarithmic axis; None where they are nowhere apart."""
    values = tuple(value if value else None for value in apart)
    if not any(values):
        return None
    chart = Chart(
        key=f"{key}-apart",
        title=f"How far the {words} of both trainings is apart",
        places=tuple(map(float, steps)),
        labels=step_labels(steps),
        span=step_span(steps),
        series=(Series(name="", values=values),),
        parting=(float(step), "not the same bits from here"),
        logarithmic=True,
        wide=True,
        rows=f"{key}-table",
        columns=(3,),
    )
    return drawn(chart)


def _tensors(key: str, tensors: Sequence[TensorDifference]) -> Markup:
    head = ("tensor", "file", "elements", "differ", "share", "largest difference")
    rows = [
        (
            one.tensor,
            one.path,
            f"{one.elements:,}",
            f"{one.differing:,}",
            f"{100 * one.differing / one.elements:.1f} %" if one.elements else "",
            number(one.largest),
        )
        for one in tensors
    ]
    return table(f"{key}-tensors", "Tensors that differ", head, rows)


def _shown(value: float | None) -> str:
    return "" if value is None else number(value)
