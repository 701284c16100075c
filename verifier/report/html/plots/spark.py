"""A metric over releases, as small as a word."""

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup, escape

from verifier.report.html.plots import parts
from verifier.report.html.plots.scale import finite, spanning
from verifier.report.html.shown import number

WIDTH, HEIGHT, RIM = 90, 18, 3


def spark(name: str, values: Sequence[float | None]) -> Markup | None:
    """Returns the line; None where there is no value. A missing value is a gap."""
    there = finite(values)
    if not there:
        return None
    y = spanning(there, HEIGHT - RIM, RIM)
    step = (WIDTH - 2 * RIM) / max(1, len(values) - 1)
    points = [None if up is None else (RIM + index * step, up) for index, up in enumerate(y.along(values))]
    groups = groupby(points, key=lambda point: point is not None)
    pieces = [[point for point in group if point is not None] for known, group in groups if known]
    last = pieces[-1][-1]
    said = f"{name} over {len(values)} releases: {number(there[0])} to {number(there[-1])}"
    drawn = parts.path("line s0", parts.polyline(pieces)) + parts.path("mark s0", parts.disc(*last))
    label = escape(parts.isolated(said))
    return Markup(
        f'<svg class="spark" role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {HEIGHT}">{drawn}</svg>'
    )
