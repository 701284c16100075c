"""Nix, and whether it builds in a sandbox: in the machine's store, in a second one, and with namespaces inside."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from verifier import nix, nix_trials
from verifier.doctor.found import Found, State
from verifier.doctor.program import NO_MOUNT, NO_NAMESPACE, NOT_SANDBOXED, OUTSIDE, trial_program
from verifier.errors import CouldNotCheck
from verifier.nix import BuildFailed, Store
from verifier.rebuild.build import NO_ROOM, SANDBOX_ADVICE
from verifier.rebuild.folders import cache_root
from verifier.rebuild.second_store import second_store
from verifier.schemas import LOCK, LOCKS, read_json
from verifier.storepath import fixed_path

# What the rules are tried with; no older one is.
OLDEST = (2, 8)
ROOM_BYTES = 4_000_000_000
ROOM = "A toolchain with torch-cpu takes 1.2 GB there: make room, or point XDG_CACHE_HOME to a larger disk."
EXIT_CODE = re.compile(r"failed with exit code (\d+)")
NAMESPACES = (
    "Allow user namespaces inside of Nix's sandbox (sysctl user.max_user_namespaces); "
    "without them the variations `user` and `cores-…` are not checked here."
)
TRUST = "Set `sandbox = true` in nix.conf, and your name in `trusted-users` where a daemon builds."


def find_nix() -> Found:
    """Returns which Nix there is."""
    version = nix.version()
    found = re.match(r"(\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) < OLDEST:
        detail = f"{version}, which is older than any that the rules are tried with"
        remedy = "Install Nix 2.8 or newer; 2.8 and 2.26 are tried."
        return Found(part="nix", state=State.LIMITED, detail=detail, remedy=remedy, needed=True)
    return Found(part="nix", state=State.OK, detail=version, needed=True)


def try_machine_store() -> Found:
    """Builds something in the machine's own store."""
    with _program(trial_program()) as program:
        return _tried("sandbox", program, Store(), "a trial build saw nothing of this machine")


def try_second_store() -> Found:
    """Builds something in an empty store, and says how much room there is for it."""
    with _program(trial_program()) as program, second_store() as opened, opened.on_its_cores():
        found = _tried("second store", program, opened.store, "made, built in, and removed")
        free = shutil.disk_usage(cache_root()).free
    return with_room(found, free)


def with_room(found: Found, free: int) -> Found:
    """Returns what was found of the second store with the room for it, in bytes; too little is limited."""
    detail = f"{found.detail}; {free / 1e9:.1f} GB are free in {cache_root()}"
    if found.state is State.OK and free < ROOM_BYTES:
        return replace(found, state=State.LIMITED, detail=detail, remedy=ROOM)
    return replace(found, detail=detail)


def try_namespaces() -> Found:
    """Builds something that takes another user and mounts, inside of the sandbox."""
    with _program(trial_program(namespaces=True)) as program, second_store() as opened:
        found = _tried("namespaces", program, opened.store, "other users and cores can be shown")
    return replace(found, needed=False)


def find_emulator() -> Found:
    """Returns whether the store has the emulator of other processors."""
    lock = read_json(LOCKS / "qemu.lock.json", LOCK, advice="Install the verifier again.")
    sources = lock["sources"]
    assert isinstance(sources, list)
    paths = [fixed_path(str(one["file"]), str(one["sha256"])) for one in sources]
    named = " and ".join(f"{one['name']} {one['version']}" for one in sources)
    if not nix.invalid(Store(), paths):
        return Found(part="emulation", state=State.OK, detail=f"the store has {named}")
    size = sum(one["size"] for one in sources) / 1e6
    detail = f"the store lacks {named}, which the variations `cpu-…` use"
    remedy = f"Fetch it ({size:.0f} MB): builder fetch qemu. A check that needs it fetches it."
    return Found(part="emulation", state=State.MISSING, detail=detail, remedy=remedy)


@contextmanager
def _program(content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="samebits-") as folder:
        path = Path(folder) / "program"
        path.write_bytes(content)
        path.chmod(0o755)
        yield path


def _tried(part: str, program: Path, store: Store, well: str) -> Found:
    try:
        nix_trials.build_and_remove(program, store)
    except BuildFailed as failed:
        detail, remedy = why(failed)
    except CouldNotCheck as error:
        detail, remedy = error.sentence, error.advice
    else:
        return Found(part=part, state=State.OK, detail=well, needed=True)
    return Found(part=part, state=State.MISSING, detail=detail, remedy=remedy, needed=True)


def why(failed: BuildFailed) -> tuple[str, str]:
    """Returns why a trial failed, and what helps."""
    everything = "\n".join(failed.log.errors)
    ended = EXIT_CODE.search(everything)
    code = int(ended[1]) if ended else 0
    if code == NOT_SANDBOXED:
        return (
            f"Nix builds without a sandbox: a trial build saw {' or '.join(OUTSIDE)} of this machine",
            TRUST,
        )
    if code in (NO_NAMESPACE, NO_MOUNT):
        what = "begin a user namespace" if code == NO_NAMESPACE else "mount in a user namespace of its own"
        return f"a trial build could not {what}", NAMESPACES
    first = next((line for line in everything.splitlines() if line.strip()), "Nix said nothing")
    said = first.removeprefix("error: ")
    if any(words in everything for words in NO_ROOM):
        return f"a trial build found no room: {said}", ROOM
    return f"a trial build failed: {said}", SANDBOX_ADVICE
