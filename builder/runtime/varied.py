"""Other surroundings for a script: what a sandbox makes equal in every build is changed on purpose.

Used by variations alone (builder/variations.nix). The numbers are those of Linux's personality(2), unshare(2) and
mount(2).
"""

import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from builder.runtime.failure import ENVIRONMENT, StepFailed

NO_RANDOMISATION, ASK = 0x0040000, 0xFFFFFFFF
NEW_MOUNTS, NEW_USER, BIND = 0x00020000, 0x10000000, 4096
STATISTICS = "/proc/stat"
SCRATCH = ("TMPDIR", "TMP", "TEMP", "TEMPDIR")


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What is changed; a field that is left out stays as it is in every build."""

    # Whether anything is, or only the path of the output.
    nothing: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    # The variables are set in the reverse order, those that name inputs among them.
    reversed: bool = False
    # The script and its scratch folder lie in this folder of the build's own.
    folder: str | None = None
    umask: int | None = None
    # Addresses are chosen at random, as outside of Nix.
    address_space: bool = False
    # How many cores are seen, more than there are too.
    cores: int | None = None
    user: int | None = None
    # How many processes were started, and have ended, before the script; and how many keep a core busy meanwhile.
    processes_before: int = 0
    load: int = 0

    def applied(self, environment: Mapping[str, str], scratch: Path | None) -> dict[str, str]:
        """Returns the script's environment; `scratch` is its scratch folder where that is another one."""
        found = {**environment, **self.environment}
        if scratch is not None:
            found |= dict.fromkeys(SCRATCH, str(scratch))
        return dict(reversed(found.items())) if self.reversed else found

    def enter(self) -> None:
        """Changes this process, which is about to become the script.

        Raises:
            OSError: the system does not let it; why is printed, since no exception leaves a new process whole.
        """
        try:
            self._enter()
        except OSError as error:
            print(f"the surroundings cannot be changed: {error}", file=sys.stderr, flush=True)
            raise

    def _enter(self) -> None:
        if self.umask is not None:
            os.umask(self.umask)
        if self.cores is not None or self.user is not None:
            _new_namespace(self.user if self.user is not None else os.getuid())
        if self.cores is not None:
            _show_cores(self.cores)
        if self.address_space:
            _checked(LIBC.personality(LIBC.personality(ASK) & ~NO_RANDOMISATION))


LIBC = ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _new_namespace(user: int) -> None:
    """Begins a user namespace in which this process may mount, and in which its user has the number `user`."""
    outer_user, outer_group = os.getuid(), os.getgid()
    _checked(LIBC.unshare(NEW_USER | NEW_MOUNTS))
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {outer_user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{user} {outer_group} 1", encoding="ascii")


def _show_cores(count: int) -> None:
    """Has `count` cores seen by sysconf(3), which reads the kernel's statistics, and by sched_getaffinity(2)."""
    lines = Path(STATISTICS).read_text(encoding="ascii").splitlines(keepends=True)
    total, others = lines[0], [line for line in lines[1:] if not line.startswith("cpu")]
    cores = [f"cpu{number} {total.split(maxsplit=1)[1]}" for number in range(count)]
    handle, name = tempfile.mkstemp(dir="/dev/shm")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.writelines([total, *cores, *others])
    try:
        _checked(LIBC.mount(name.encode(), STATISTICS.encode(), None, BIND, None))
    finally:
        Path(name).unlink()
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:count]))
    if os.cpu_count() != count:
        raise OSError(0, f"{os.cpu_count()} cores are seen, not {count}")


def take_process_ids(changes: Changes) -> None:
    """Starts and ends the processes that come before the script, so that it gets another id."""
    for _ in range(changes.processes_before):
        subprocess.run([sys.executable, "-S", "-c", ""], check=True)


@contextlib.contextmanager
def busy(changes: Changes) -> Iterator[None]:
    """Keeps cores busy while entered; that is after the script has begun, so that its id stays what it is."""
    running = [
        subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(changes.load)
    ]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def not_shown(changes: Changes) -> StepFailed:
    """Returns the failure of a variation that this system cannot show; `enter` has printed the reason."""
    asked = {"cores": changes.cores, "user": changes.user, "address_space": changes.address_space or None}
    what = ", ".join(f"{name} {value}" for name, value in asked.items() if value is not None)
    return StepFailed(
        kind=ENVIRONMENT,
        sentence=f"a build cannot be shown other surroundings here ({what})",
        advice="Allow user namespaces inside of Nix's sandbox, or leave this variation out.",
    )


def place_for(changes: Changes, code: Path) -> tuple[Path, Path | None]:
    """Returns the folder of the script and its scratch folder, a copy and another one where that is changed."""
    if changes.folder is None:
        return code, None
    scratch = Path(changes.folder).absolute()
    scratch.mkdir(parents=True)
    copied = scratch / "code"
    shutil.copytree(code, copied)
    return copied, scratch
