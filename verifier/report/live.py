"""What is being built, while it is: a line a build that moves on a terminal, one line a step elsewhere."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.live import Live as Screen
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from verifier.nixlog import Event
from verifier.report.printable import printable

BAR_WIDTH = 24
LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class Building:
    """One build that runs: what it builds, since when (seconds of a clock), and how far its training is."""

    name: str
    since: float
    done: int = 0
    total: int = 0


def clock_text(seconds: float) -> str:
    """Returns a length of time such as `0:07` or `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def time_text(elapsed: float, expected: float | None, version: str) -> str:
    """Returns how long a build has taken, and how long it should by the last release, in seconds."""
    if expected is None or expected < 1:
        return clock_text(elapsed)
    if elapsed > expected + 1:
        return f"{clock_text(elapsed)}, longer than the {clock_text(expected)} of {version}"
    return f"{clock_text(elapsed)} of about {clock_text(expected)}"


def _share(event: Event) -> tuple[int, int]:
    """Returns how far a training says it is; nothing where it says none, or nonsense."""
    done, total = event.fields.get("done"), event.fields.get("total")
    if event.kind != "progress" or type(done) is not int or type(total) is not int:
        return 0, 0
    return (done, total) if 0 <= done <= total < 10**12 else (0, 0)


class Live:
    """Shows builds and their progress on stderr; use as a context."""

    def __init__(
        self,
        *,
        quiet: bool = False,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console or Console(stderr=True, quiet=quiet, highlight=False, markup=False)
        self._clock = clock
        self._screen: Screen | None = None
        self._said: dict[str, str] = {}
        self._building: dict[str, Building] = {}
        self._expected: Mapping[str, float] = {}
        self._version = ""
        self._drawing = threading.Lock()  # two builds run side by side

    def __enter__(self) -> "Live":
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._screen = Screen(
                get_renderable=self.table, console=self._console, refresh_per_second=4, transient=True
            )
            self._screen.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()

    def warn(self, sentence: str) -> None:
        """Says what went wrong beside the verdict."""
        self._console.print(Text(f"verifier: {printable(sentence)}"))

    def pause(self) -> None:
        """Stops drawing, so that another program may write to the terminal; what was drawn is over."""
        with self._drawing:
            self._building.clear()
        if self._screen:
            self._screen.stop()

    def expect(self, seconds: Mapping[str, float], version: str) -> None:
        """Takes in how long builds should take, by their names, as the release `version` says."""
        self._expected, self._version = seconds, version

    def listen(self, which: str, event: Event) -> None:
        """Takes in one event of the `first` or `second` build."""
        name = event.derivation.rsplit("/", 1)[-1].split("-", 1)[-1].removesuffix(".drv")
        with self._drawing:
            if self._screen:
                self._draw(which, name, event)
                self._screen.start()
            elif self._said.get(which) != name:
                self._console.print(Text(f"{which} build: {name}"))
                self._said[which] = name

    def _draw(self, which: str, name: str, event: Event) -> None:
        before = self._building.get(which)
        since = before.since if before and before.name == name and event.kind != "build" else self._clock()
        done, total = _share(event)
        if not total and before and before.name == name:
            done, total = before.done, before.total
        self._building[which] = Building(name=name, since=since, done=done, total=total)

    def table(self) -> Table:
        """Returns what is drawn: a line for each build with step, progress, time and estimate."""
        lines = Table.grid(padding=(0, 2))
        for which, one in list(self._building.items()):
            bar = ProgressBar(total=one.total, completed=one.done, width=BAR_WIDTH) if one.total else ""
            share = f"{one.done:,}/{one.total:,}" if one.total else ""
            taken = time_text(self._clock() - one.since, self._expected.get(one.name), self._version)
            name = Text(one.name[:LONGEST_NAME])  # Text: a name is no markup
            lines.add_row(f"{which} build", name, bar, share, taken)
        if not self._building:
            lines.add_row("reading and comparing")
        return lines
