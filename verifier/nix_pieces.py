"""Runs Nix for one worker: moves outputs to a store and builds one of them again there; all of it can be ended."""

import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from verifier.errors import CouldNotCheck
from verifier.nix import Store, environment, last_error
from verifier.nixlog import Event, Log

# What every Nix says where `--check` gave other bits.
OTHER_BITS = "may not be deterministic"
CUT_OFF = "unexpected end-of-file"
ROOM = "Is there room on the disk?"


class Leash:
    """The commands of one worker, which another thread can end: first politely, then at once."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ends = 0
        self._changing = threading.Lock()

    def begin(self) -> None:
        """Lets the worker begin something new."""
        self._ends = 0

    def end(self) -> None:
        """Ends what runs, and lets nothing follow."""
        with self._changing:
            self._ends += 1
            for process in self._running:
                if self._ends == 1:
                    process.terminate()
                else:
                    process.kill()

    @contextmanager
    def run(
        self, argv: Sequence[str], **files: int | IO[bytes] | None
    ) -> "Iterator[subprocess.Popen[bytes]]":
        """Yields a process that runs `argv`, and waits for its end.

        Raises:
            CouldNotCheck: the worker was told to end.
        """
        with self._changing:
            if self._ends:
                raise CouldNotCheck("it was told to end", advice="Run it again.")
            process = subprocess.Popen(argv, env=environment(), **files)  # type: ignore[call-overload]
            self._running.add(process)
        try:
            with process:
                yield process
        finally:
            with self._changing:
                self._running.discard(process)


def move(paths: Sequence[str], *, source: Store, target: Store, leash: Leash) -> None:
    """Copies store paths as they are, inputs first; no signature is asked for, since nothing is believed.

    Raises:
        CouldNotCheck: the target cannot take them, or the source does not give them.
    """
    if not paths:
        return
    reading, writing = [*source.command(), "--export", *paths], [*target.command(), "--import"]
    pipe = subprocess.PIPE
    with leash.run(reading, stdout=pipe, stderr=pipe) as sender:
        assert sender.stdout is not None and sender.stderr is not None
        errors = _Draining(sender.stderr)
        with leash.run(writing, stdin=sender.stdout, stdout=subprocess.DEVNULL, stderr=pipe) as taker:
            sender.stdout.close()  # so that the sender hears of a taker that has ended
            assert taker.stderr is not None
            said = taker.stderr.read()
    if sender.returncode != 0 or taker.returncode != 0:
        taken, sent = said.decode("utf-8", "replace"), errors.text()
        # Whoever ended first has the reason: the other one only sees that the pipe has an end.
        what = last_error(sent if CUT_OFF in taken and sent else taken or sent)
        raise CouldNotCheck(f"{_name(paths)} cannot be copied: {what}", advice=ROOM)


class _Draining:
    """Reads a stream in a thread, so that whoever writes it never waits."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._read = b""
        self._thread = threading.Thread(target=self._drain, args=(stream,), daemon=True)
        self._thread.start()

    def _drain(self, stream: IO[bytes]) -> None:
        self._read = stream.read()

    def text(self) -> str:
        """Returns all that was written."""
        self._thread.join()
        return self._read.decode("utf-8", "replace")


def _name(paths: Sequence[str]) -> str:
    name = paths[0].rsplit("/", 1)[-1].split("-", 1)[-1]
    return name if len(paths) == 1 else f"{name} and {len(paths) - 1} more"


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What came of a rebuild: whether its bits are those that the store has, and what Nix said."""

    ended_well: bool
    other_bits: bool
    log: Log


def rebuild(derivation: str, store: Store, listen: Callable[[Event], None], leash: Leash) -> Rebuilt:
    """Builds a derivation whose output the store has, and compares; what differs is kept beside it.

    Nix does it: `--check`. Another machine's Nix compares too, and keeps nothing.

    Raises:
        CouldNotCheck: the worker was told to end.
    """
    words = ["--realise", "--check", "--keep-failed", "--log-format", "internal-json", "-v"]
    argv = [*store.command(), *words, *store.options, derivation]
    if store.scratch:
        argv = ["env", f"TMPDIR={store.scratch}", *argv]
    log = Log()
    with leash.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        for line in process.stderr or ():
            event = log.read(line.decode("utf-8", "replace").rstrip("\n"))
            if event is not None:
                listen(event)
    other = any(OTHER_BITS in line for line in log.errors)
    return Rebuilt(ended_well=process.returncode == 0, other_bits=other, log=log)


def delete(paths: Sequence[str], store: Store, leash: Leash) -> bool:
    """Removes outputs from a store, and returns whether that could be done."""
    quiet = subprocess.DEVNULL
    with leash.run([*store.command(), "--delete", *paths], stdout=quiet, stderr=quiet) as process:
        pass
    return process.returncode == 0
