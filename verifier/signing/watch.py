"""How far the reading of a folder is, and whether it shall go on; shared by the threads that read."""

from concurrent.futures import CancelledError
from threading import Event, Lock


class Watch:
    """Counts the bytes that are to be read and that were read."""

    def __init__(self) -> None:
        self.total = 0
        self.done = 0
        self._stopped = Event()
        self._counting = Lock()

    def expect(self, count: int) -> None:
        """Takes down how many bytes there are to read."""
        self.total = count

    def read(self, count: int) -> None:
        """Takes down that `count` more bytes were read.

        Raises:
            CancelledError: nobody waits for the rest.
        """
        with self._counting:
            self.done += count
        if self._stopped.is_set():
            raise CancelledError

    def stop(self) -> None:
        """Ends the reading soon."""
        self._stopped.set()
