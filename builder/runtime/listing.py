"""Directories listed in the reverse order, for the variation `directory-order`: no order is promised."""

import os
from collections.abc import Iterator, Sequence
from types import TracebackType

VARIABLE = "SAMEBITS_DIRECTORY_ORDER"


class _Entries:
    """What os.scandir gives: an iterator that can be closed and used as a context."""

    def __init__(self, entries: Sequence[object]) -> None:
        self._entries = iter(entries)

    def __iter__(self) -> Iterator[object]:
        return self

    def __next__(self) -> object:
        return next(self._entries)

    def __enter__(self) -> "_Entries":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the iteration."""
        self._entries = iter(())


def reverse_listings() -> None:
    """Has os.listdir and os.scandir list the other way round, and with them pathlib, glob, os.walk and shutil."""
    listdir, scandir = os.listdir, os.scandir

    def reversed_listdir(path: str | None = None) -> list[str]:
        return listdir(path)[::-1]

    def reversed_scandir(path: str | None = None) -> _Entries:
        with scandir(path) as entries:
            return _Entries(list(entries)[::-1])

    os.listdir, os.scandir = reversed_listdir, reversed_scandir  # type: ignore[assignment]


def reverse_if_asked() -> None:
    """Does so where the environment asks for it."""
    if os.environ.get(VARIABLE) == "reversed":
        reverse_listings()
