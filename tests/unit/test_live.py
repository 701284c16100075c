"""What is shown while it builds: a line a build on a terminal, plain lines elsewhere, nothing that is no text."""

from io import StringIO

import pytest
from rich.console import Console

from verifier.nixlog import Event
from verifier.report.live import Live, clock_text, time_text

TRAIN = "/nix/store/00000000000000000000000000000000-tiny-1.0.0-train.drv"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def event(kind: str, derivation: str = TRAIN, **fields: object) -> Event:
    return Event(derivation=derivation, fields={"event": kind, **fields})


def terminal(width: int = 110) -> Console:
    return Console(file=StringIO(), force_terminal=True, width=width, color_system=None, legacy_windows=False)


def drawn(live: Live) -> list[str]:
    console = terminal()
    console.print(live.table())
    return [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_terminal_shows_a_line_for_each_build_with_progress_time_and_estimate(clock: Clock) -> None:
    with Live(console=terminal(), clock=clock) as live:
        live.expect({"tiny-1.0.0-train": 45.0}, "0.9.0")
        live.listen("first", event("build"))
        live.listen("second", event("build", TRAIN.replace("train", "prepare")))
        clock.now = 12.0
        live.listen("first", event("progress", done=1200, total=1680))
        first, second = drawn(live)
    assert first.split()[:3] == ["first", "build", "tiny-1.0.0-train"]
    assert "1,200/1,680" in first and first.endswith("0:12 of about 0:45")
    assert second.split() == ["second", "build", "tiny-1.0.0-prepare", "0:12"]


def test_build_that_takes_longer_than_the_release_says_so(clock: Clock) -> None:
    with Live(console=terminal(), clock=clock) as live:
        live.expect({"tiny-1.0.0-train": 45.0}, "0.9.0")
        live.listen("first", event("build"))
        clock.now = 72.0
        assert drawn(live)[0].endswith("1:12, longer than the 0:45 of 0.9.0")


def test_next_build_begins_anew(clock: Clock) -> None:
    with Live(console=terminal(), clock=clock) as live:
        live.listen("first", event("progress", done=3, total=4))
        clock.now = 5.0
        live.listen("first", event("build", TRAIN.replace("train", "evaluate")))
        assert drawn(live)[0].split() == ["first", "build", "tiny-1.0.0-evaluate", "0:00"]


@pytest.mark.parametrize(
    "fields",
    [
        {"done": 5, "total": 4},
        {"done": -1, "total": 4},
        {"done": "x", "total": 4},
        {"done": 1, "total": 10**13},
    ],
)
def test_nonsense_is_no_progress(clock: Clock, fields: dict[str, object]) -> None:
    with Live(console=terminal(), clock=clock) as live:
        live.listen("first", event("progress", **fields))
        assert drawn(live)[0].split() == ["first", "build", "tiny-1.0.0-train", "0:00"]


def test_what_is_over_is_not_drawn_again(clock: Clock) -> None:
    with Live(console=terminal(), clock=clock) as live:
        live.listen("first", event("build"))
        live.pause()
        assert drawn(live) == ["reading and comparing"]


def test_elsewhere_each_build_is_one_plain_line() -> None:
    console = Console(file=StringIO(), force_terminal=False, width=40)
    with Live(console=console) as live:
        live.expect({"tiny-1.0.0-train": 45.0}, "0.9.0")
        for kind in ("build", "progress", "progress"):
            live.listen("first", event(kind, done=1, total=2))
        live.listen("second", event("build"))
    assert console.file.getvalue() == (  # type: ignore[attr-defined]
        "first build: tiny-1.0.0-train\nsecond build: tiny-1.0.0-train\n"
    )


def test_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    console = Console(file=StringIO(), force_terminal=True, width=40)
    with Live(console=console) as live:
        live.listen("first", event("build"))
    assert "\x1b" not in console.file.getvalue()  # type: ignore[attr-defined]


def test_name_is_no_markup_and_turns_no_terminal(clock: Clock) -> None:
    with Live(console=terminal(), clock=clock) as live:
        live.listen("first", event("build", "/nix/store/0-[bold red]x" + "y" * 500 + ".drv"))
        (line,) = drawn(live)
        live.warn("\x1b[2J no")
        assert "\x1b[2J no" not in live._console.file.getvalue()  # type: ignore[attr-defined]
    assert "[bold red]x" in line and len(line) < 110


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (7.9, "0:07"), (59, "0:59"), (3723, "1:02:03")])
def test_time_is_read_as_on_a_clock(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text
    assert time_text(seconds, None, "") == time_text(seconds, 0.2, "1.0.0") == text
