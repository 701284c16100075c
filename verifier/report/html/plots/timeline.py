"""All checks of a model over time, in lanes; and the last of them as a strip."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from markupsafe import Markup

from verifier.report.html.plots import parts
from verifier.report.html.plots.scale import Scale
from verifier.report.html.shown import moment
from verifier.report.html.state import State, state_of
from verifier.site.records import Outcome

WIDTH, LEFT, RIGHT, TOP, LANE, BOTTOM = 1000, 110, 20, 22, 24, 22
STRIP, STRIP_STEP, STRIP_HEIGHT = 30, 6, 18
# Without a check for so long, and for so many times the usual, something is missing.
LONG, UNUSUAL = timedelta(days=7), 4
MARKS = {"good": parts.disc, "warn": parts.triangle, "idle": parts.square, "bad": parts.cross}
Dated = tuple[datetime, State, str]


def dated(outcomes: Sequence[Outcome]) -> list[Dated]:
    """Returns the outcomes whose time is known, oldest first: time, state and version."""
    times = [(moment(one.time), state_of(one), one.version) for one in outcomes]
    return sorted([(time, state, version) for time, state, version in times if time], key=lambda one: one[0])


def timeline(key: str, outcomes: Sequence[Outcome]) -> Markup | None:
    """Returns the plot; None where no time is known."""
    known = dated(outcomes)
    if not known:
        return None
    lanes = sorted({state for _, state, _ in known}, key=lambda state: -state.rank)
    height = TOP + LANE * len(lanes) + BOTTOM
    start, end = known[0][0].timestamp(), known[-1][0].timestamp()
    room = (end - start) * 0.01 or 43200.0
    x = Scale(low=start - room, high=end + room, start=LEFT, end=WIDTH - RIGHT)
    pieces = [*_gaps(known, x, height), *_axis(x, height), *_lanes(known, lanes, x), *_versions(known, x)]
    count = {state: sum(1 for one in known if one[1] is state) for state in lanes}
    said = f"{len(known)} checks from {known[0][0]:%Y-%m-%d} to {known[-1][0]:%Y-%m-%d}: " + ", ".join(
        f"{n} {state}" for state, n in count.items()
    )
    gaps = [f"no check from {a:%Y-%m-%d} to {b:%Y-%m-%d}" for a, b in holes(known)]
    return parts.drawing(key, "Checks over time", f"{'; '.join([said, *gaps])}.", (WIDTH, height), pieces)


def holes(known: Sequence[Dated]) -> list[tuple[datetime, datetime]]:
    """Returns the times without a check that are long, and longer than usual."""
    times = [time for time, _, _ in known]
    pairs = list(pairwise(times))
    if not pairs:
        return []
    usual = sorted(b - a for a, b in pairs)[len(pairs) // 2]
    return [(a, b) for a, b in pairs if b - a > max(LONG, UNUSUAL * usual)]


def _gaps(known: Sequence[Dated], x: Scale, height: int) -> Iterator[str]:
    for a, b in holes(known):
        left, right = x.at(a.timestamp()) + 6, x.at(b.timestamp()) - 6
        yield parts.rectangle("gap", left, TOP - 4, right - left, height - TOP - BOTTOM + 4)
        words = f"no check for {(b - a).days} days"
        if right - left > len(words) * 6:
            yield parts.text("gap-label middle", (left + right) / 2, (TOP + height - BOTTOM) / 2, words)


def _axis(x: Scale, height: int) -> Iterator[str]:
    base = height - BOTTOM
    yield parts.line("axis", LEFT, base, WIDTH - RIGHT, base)
    count = 7
    times = [x.low + (x.high - x.low) * index / (count - 1) for index in range(count)]
    seen = ""
    for index, time in enumerate(times):
        words = f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}"
        if words != seen:
            side = "" if index == 0 else "end" if index == count - 1 else "middle"
            yield parts.text(f"tick {side}", x.at(time), height - 6, words)
            yield parts.line("axis", x.at(time), base, x.at(time), base + 3)
        seen = words


def _lanes(known: Sequence[Dated], lanes: Sequence[State], x: Scale) -> Iterator[str]:
    for index, state in enumerate(lanes):
        y = TOP + LANE * index + LANE / 2
        yield parts.text("lane end", LEFT - 12, y + 4, state)
        yield parts.line("grid", LEFT, y, WIDTH - RIGHT, y)
        mark = MARKS[state.look]
        d = "".join(mark(x.at(time.timestamp()), y) for time, found, _ in known if found is state)
        yield parts.path(f"event {state.look}", d)


def _versions(known: Sequence[Dated], x: Scale) -> Iterator[str]:
    """Yields where another version was checked for the first time, as far as there is room to say so."""
    seen, free = "", 0.0
    for time, _, version in known:
        at = x.at(time.timestamp())
        if version != seen and at >= free:
            shown = parts.cut(version, 14)
            yield parts.text("version", min(at, WIDTH - RIGHT - len(shown) * 6), 10, shown)
            yield parts.line("axis", at, 13, at, 17)
            free = at + len(shown) * 6.5 + 10
        seen = version


def strip(outcomes: Sequence[Outcome]) -> Markup | None:
    """Returns the last checks as bars, oldest first: tall are verified, broken ones warned, stumps not checked."""
    states = [state_of(one).look for one in outcomes[:STRIP]][::-1]
    if not states:
        return None
    shapes = {"good": "m0 3v13", "warn": "m0 3v3m0 3v7", "idle": "m0 12v4", "bad": "m-2.2 7l4.4 5m0-5l-4.4 5"}
    shift = (STRIP - len(states)) * STRIP_STEP
    pieces = "".join(
        parts.path(
            look,
            "".join(
                f"M{shift + i * STRIP_STEP + 3} 0{shape}" for i, found in enumerate(states) if found == look
            ),
        )
        for look, shape in shapes.items()
    )
    bad, idle = states.count("bad"), states.count("idle")
    said = f"last {len(states)} checks: {len(states) - bad - idle} verified"
    said += f", {bad} failed" if bad else ""
    said += f", {idle} not checked" if idle else ""
    size = f"{STRIP * STRIP_STEP + 2} {STRIP_HEIGHT}"
    return Markup(f'<svg class="strip" role="img" aria-label="{said}" viewBox="0 0 {size}">{pieces}</svg>')
