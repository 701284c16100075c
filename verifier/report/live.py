"""What is being built, while it is: one line that moves on a terminal, one line a step elsewhere."""

import threading
from types import TracebackType

from rich.console import Console
from rich.status import Status
from rich.text import Text

from verifier.nixlog import Event


def _share(event: Event) -> str:
    done, total = event.fields.get("done"), event.fields.get("total")
    if event.kind != "progress" or not isinstance(done, int) or not isinstance(total, int):
        return ""
    return f" {done}/{total}" if 0 <= done <= total < 10**12 else ""


class Live:
    """Shows builds and their progress on stderr; use as a context."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False, markup=False)
        self._status: Status | None = None
        self._said = ""
        self._drawing = threading.Lock()  # two builds run side by side

    def __enter__(self) -> "Live":
        if self._console.is_terminal:
            self._status = self._console.status("reading the flake")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()

    def warn(self, sentence: str) -> None:
        """Says what went wrong beside the verdict."""
        self._console.print(Text(f"verifier: {sentence}"))

    def pause(self) -> None:
        """Stops drawing, so that another program may write to the terminal."""
        if self._status:
            self._status.stop()

    def listen(self, which: str, event: Event) -> None:
        """Takes in one event of the `first` or `second` build."""
        name = event.derivation.rsplit("/", 1)[-1].split("-", 1)[-1].removesuffix(".drv")
        line = f"{which} build: {name}"
        with self._drawing:
            if self._status:
                self._status.start()
                self._status.update(Text(line + _share(event)))  # Text: a name is no markup
            elif line != self._said:
                self._console.print(line)
                self._said = line
