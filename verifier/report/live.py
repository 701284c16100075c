"""What is being built, while it is: one line that moves on a terminal, one line a step elsewhere."""

from types import TracebackType

from rich.console import Console
from rich.status import Status

from verifier.nixlog import Event


def _share(event: Event) -> str:
    done, total = event.fields.get("done"), event.fields.get("total")
    known = event.kind == "progress" and isinstance(done, int) and isinstance(total, int)
    return f" {done:.6g}/{total:.6g}" if known and max(abs(done), abs(total)) < 10**9 else ""


class Live:
    """Shows builds and their progress on stderr; use as a context."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False, markup=False)
        self._status: Status | None = None
        self._said = ""

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

    def pause(self) -> None:
        """Stops drawing, so that another program may write to the terminal."""
        if self._status:
            self._status.stop()

    def listen(self, which: str, event: Event) -> None:
        """Takes in one event of the `first` or `second` build."""
        name = event.derivation.rsplit("/", 1)[-1].split("-", 1)[-1].removesuffix(".drv")
        line = f"{which} build: {name}"
        if self._status:
            self._status.start()
            share = (
                f" {event.fields.get('done')}/{event.fields.get('total')}" if event.kind == "progress" else ""
            )
            self._status.update(line + share)
        elif line != self._said:
            self._console.print(line)
            self._said = line
