"""The second store: empty at first, on the same machine, and with another number of processor cores to be seen.

A sandbox hides the host's name, user and network, but not how many cores there are. So the second build sees
another number than the first, by the three ways in which programs ask: the set of cores that it may run on
(sched_getaffinity), the kernel's list in /sys (which glibc's sysconf reads first), and NIX_BUILD_CORES.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from verifier.nix import Store
from verifier.rebuild.folders import working_folder

ONLINE = "/sys/devices/system/cpu/online"


@dataclass(frozen=True, kw_only=True)
class SecondStore:
    """The store, and how many cores a build in it sees."""

    store: Store
    cores: int

    @contextmanager
    def on_its_cores(self) -> Iterator[None]:
        """While entered this thread, and the processes that it starts, run on the cores that the store shows."""
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, set(sorted(allowed)[-self.cores :]))
        try:
            yield
        finally:
            os.sched_setaffinity(0, allowed)


def cores_to_show(present: int) -> int:
    """Returns the number of cores that the second build sees: one, or two where there is only one."""
    return 1 if present > 1 else 2


class SecondStores:
    """The second stores of one command, opened when they are asked for; use as a context, which removes them.

    What models share, such as a toolchain, is built in each of them once.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._opened: dict[tuple[tuple[str, ...], Path | None], SecondStore] = {}

    def __enter__(self) -> "SecondStores":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def get(self, shown: Sequence[str] = (), programs: Path | None = None) -> SecondStore:
        """Returns the store whose sandbox shows the paths `shown`; `programs` is the folder of another Nix."""
        key = (tuple(shown), programs)
        if key not in self._opened:
            self._opened[key] = self._stack.enter_context(second_store(shown, programs))
        return self._opened[key]


@contextmanager
def second_store(shown: Sequence[str] = (), programs: Path | None = None) -> Iterator[SecondStore]:
    """Yields an empty store, which is removed afterwards.

    Its sandbox shows the paths `shown` of this machine; `programs` is the folder of another Nix, to build with.
    """
    cores = cores_to_show(os.cpu_count() or 1)
    with working_folder() as folder:
        online = folder / "online"
        online.write_text("0\n" if cores == 1 else f"0-{cores - 1}\n", encoding="ascii")
        paths = " ".join([f"{ONLINE}={online}", *shown])
        options = ("--cores", str(cores), "--option", "sandbox-paths", paths)
        root = folder / "store"
        scratch = folder / "builds"  # Nix leaves some of it where a build is ended
        for place in (root, scratch):
            place.mkdir()
        yield SecondStore(
            store=Store(root=root, options=options, programs=programs, scratch=scratch), cores=cores
        )
