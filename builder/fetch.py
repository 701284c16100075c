"""`builder fetch`: what the store lacks is downloaded by the ordinary clients, checked, and added."""

import difflib
import hashlib
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from builder import debs, nix, wheels
from builder.errors import BadInput, CouldNotDo
from builder.seed import unpack_seed
from builder.staging import staging

ATTRIBUTE = "legacyPackages.x86_64-linux.sources"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A source as the flake states it; `seed` is true for the folder unpacked out of the file."""

    name: str
    version: str
    kind: str
    python: str
    store_name: str
    url: str
    size: int
    sha256: str
    store_path: str
    seed_path: str | None

    def paths(self) -> list[str]:
        """Returns the store paths that this source fills."""
        return [self.store_path] + ([self.seed_path] if self.seed_path else [])


def fetch(names: list[str], *, flake: str, jobs: int) -> str:
    """Fills the store with the sources of `names` (models, toolchains; all if empty); returns a summary.

    Raises:
        BadInput: an unknown name, or a flake that does not evaluate.
        CouldNotDo: a download failed or gave other bytes. What was already added stays.
    """
    wanted = _wanted(names, flake)
    lacking = nix.invalid([path for source in wanted for path in source.paths()])
    todo = [source for source in wanted if lacking.intersection(source.paths())]
    if not todo:
        return f"{len(wanted)} files are in the store already"
    size = sum(source.size for source in todo)
    with staging() as folder, _progress() as progress, _Watch(folder, progress, size) as watch:
        _download_all(todo, folder, jobs, watch)
    return f"{len(todo)} of {len(wanted)} files fetched ({size / 1e6:.1f} MB), checked and added to the store"


def _wanted(names: list[str], flake: str) -> list[Wanted]:
    table = nix.evaluate(flake, ATTRIBUTE)
    if not isinstance(table, dict):
        raise BadInput(f"{flake} has no {ATTRIBUTE}", advice="Use the outputs of samebits.lib in the flake.")
    for name in names:
        if name not in table:
            near = difflib.get_close_matches(name, table, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(table))}."
            raise BadInput(f"{flake} knows no model or toolchain called {name!r}", advice=hint)
    entries = [Wanted(**entry) for name in names or table for entry in table[name]]
    return list({entry.store_path: entry for entry in entries}.values())


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


class _Watch:
    """While entered, moves the bar by the bytes that lie in the staging folder or were added from it."""

    def __init__(self, folder: Path, progress: Progress, total: int) -> None:
        self._folder, self._progress = folder, progress
        self._task = progress.add_task("fetching", total=total)
        self._added = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def added(self, size: int) -> None:
        """Says that `size` bytes are in the store, and no longer in the folder."""
        self._added += size
        self._progress.update(self._task, completed=self._added)

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            self._progress.update(self._task, completed=self._added + _bytes_below(self._folder))


def _bytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue  # renamed or removed between listing and looking
    return total


def _download_all(todo: list[Wanted], folder: Path, jobs: int, watch: _Watch) -> None:
    with _interrupts_deferred() as raise_if_interrupted, ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(_fetch_one, source, folder / str(n)) for n, source in enumerate(todo)}
        try:
            while running:
                done, running = wait(running, timeout=0.1, return_when=FIRST_COMPLETED)
                raise_if_interrupted()
                for one in done:
                    watch.added(one.result())
        finally:
            pool.shutdown(cancel_futures=True)  # after the first failure, nothing new is begun


@contextmanager
def _interrupts_deferred() -> Iterator[Callable[[], None]]:
    """While entered, Ctrl-C is noted; calling what is yielded, or leaving, raises KeyboardInterrupt if it came.

    Python raises it wherever the main thread is. Inside a lock of `threading` that is a RuntimeError,
    "release unlocked lock", in its place.
    """
    came: list[int] = []

    def raise_if_interrupted() -> None:
        if came:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield raise_if_interrupted
    finally:
        signal.signal(signal.SIGINT, before)
    raise_if_interrupted()


def _fetch_one(source: Wanted, folder: Path) -> int:
    """Brings one source into the store and returns its size; what was downloaded is removed at once."""
    folder.mkdir()
    if source.kind == "wheel":
        wheels.download(
            name=source.name,
            version=source.version,
            sha256=source.sha256,
            python=source.python,
            into=folder,
            index=source.url.removeprefix("mirror://").split("/")[0],
        )
        downloaded = folder / source.url.rsplit("/", 1)[-1]
    else:
        downloaded = folder / "download"
        debs.download(path=source.url.removeprefix("mirror://debian/"), sha256=source.sha256, to=downloaded)
    check_file(downloaded, size=source.size, sha256=source.sha256)
    _add(nix.add_file(downloaded.rename(folder / source.store_name)), source.store_path)
    if source.seed_path:
        seed = unpack_seed(folder / source.store_name, folder)
        _add(nix.add_folder(seed), source.seed_path)
    shutil.rmtree(folder)
    return source.size


def check_file(path: Path, *, size: int, sha256: str) -> None:
    """Returns if the file has `size` bytes and the `sha256` (hex) that the lock states.

    Raises:
        CouldNotDo: it is missing, short, or has other bytes.
    """
    advice = "The mirror served something else than the lock pins. Try again, or another mirror."
    if not path.is_file():
        raise CouldNotDo(f"{path.name} was not downloaded", advice=advice)
    actual_size = path.stat().st_size
    if actual_size != size:
        raise CouldNotDo(f"{path.name} has {actual_size} bytes, the lock says {size}", advice=advice)
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != sha256:
        raise CouldNotDo(f"{path.name} has sha256 {actual}, the lock says {sha256}", advice=advice)


def _add(actual: str, expected: str) -> None:
    if actual != expected:
        raise CouldNotDo(
            f"the store put {actual} where the lock says {expected}",
            advice="The lock and this version of the rules disagree; resolve it anew: builder lock.",
        )
