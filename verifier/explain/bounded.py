"""Reading and showing what may be hostile: no read is larger than the file, no text longer than a line."""

from pathlib import Path
from types import TracebackType

LARGEST_READ = 64 << 20
SHOWN_CHARACTERS = 120


class Bounded:
    """A file for readers that believe what it says of itself: they ask for 2⁶³ bytes, and get what there is.

    Only for files on a disk; `read` never returns more than `LARGEST_READ` bytes.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = path.stat().st_size

    def __enter__(self) -> "Bounded":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, size: int = -1, /) -> bytes:
        """Reads `size` bytes, or all; less where there are fewer."""
        rest = min(max(0, self.size - self._file.tell()), LARGEST_READ)
        return self._file.read(rest if size is None or size < 0 else min(size, rest))

    def readline(self, size: int = -1, /) -> bytes:
        """Reads up to the next end of a line."""
        return self._file.readline(LARGEST_READ if size is None or size < 0 else min(size, LARGEST_READ))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Goes to a place.

        Raises:
            ValueError: there is no such place.
        """
        try:
            return self._file.seek(offset, whence)
        except OSError as error:  # a lie of an archive, not a fault of the disk
            raise ValueError("a place before the beginning of the file") from error

    def seekable(self) -> bool:
        """Returns that one can go to a place."""
        return True

    def tell(self) -> int:
        """Returns the place."""
        return self._file.tell()


def shortened(text: str, longest: int = SHOWN_CHARACTERS) -> str:
    """Returns the text, or its beginning and how much there is more."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({len(text) - longest:,} more characters)"


def around(first: str, second: str, longest: int = SHOWN_CHARACTERS) -> tuple[str, str]:
    """Returns two texts cut to the surroundings of the first character that differs."""
    pairs = enumerate(zip(first, second, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(first), len(second)))
    start = max(0, at - longest // 2) if max(len(first), len(second)) > longest else 0
    ends = "…" if start else ""
    return ends + shortened(first[start:], longest), ends + shortened(second[start:], longest)


def counted(count: int, noun: str) -> str:
    """Returns a number with its noun."""
    return f"{count:,} {noun if count == 1 else noun + 's'}"
