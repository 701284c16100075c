"""What runs Nix, beside nix_paths.py: evaluate a flake, ask a store, fill it, build in it.

Only commands that Nix 2.8 and 2.26 share are used; what is read of their output is the same in both.
"""

import grp
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier.errors import CouldNotCheck
from verifier.nixlog import Event, Log, plain
from verifier.storepath import base32_sha256

INSTALL = "Install Nix (Debian: apt-get install nix-bin) and see that `nix --version` works."
DAEMON_SOCKET = Path("/nix/var/nix/daemon-socket/socket")
# Where Nix keeps its store for a user who may not write /nix and has no daemon.
ROOTLESS = Path("~/.local/share/nix/root")


@dataclass(frozen=True, kw_only=True)
class Store:
    """A Nix store; `root` is the folder above its nix/store, `options` are added to builds in it.

    `uri` is set of one on another machine, such as `ssh-ng://host`, which lies in no folder. `programs` is the
    folder of another Nix, which builds in it; `scratch` is where the folders of builds lie.
    """

    root: Path | None = None
    options: tuple[str, ...] = ()
    programs: Path | None = None
    scratch: Path | None = None
    uri: str | None = None

    def command(self) -> list[str]:
        """Returns the words that begin a command on this store."""
        program = str(self.programs / "nix-store") if self.programs else "nix-store"
        place = self.uri or self.root
        return [program, "--store", str(place)] if place else [program]

    def physical(self, path: str) -> Path:
        """Returns where the store path `path` lies on this machine's disk."""
        if self.root:
            return Path(f"{self.root}{path}")
        rootless = Path(f"{ROOTLESS.expanduser()}{path}")
        return rootless if not os.path.lexists(path) and os.path.lexists(rootless) else Path(path)


class BuildFailed(Exception):
    """A build ended without an output; `log` holds what was said."""

    def __init__(self, log: Log) -> None:
        super().__init__(log.errors[-1] if log.errors else "the build failed")
        self.log = log


def environment() -> dict[str, str]:
    """Returns the environment of every Nix command: the user's configuration, then what a proof demands."""
    # As many builds at a time as there are cores, unless the user says otherwise: a toolchain is many small ones.
    lines = [f"max-jobs = {os.cpu_count() or 1}", os.environ.get("NIX_CONFIG", "")]
    lines.append("extra-experimental-features = nix-command flakes")
    lines += ["sandbox = true", "sandbox-fallback = false", "sandbox-paths =", "substituters ="]
    # Nothing of the user's may reach into a build, and nothing may be built while the flake is read.
    lines += ["pre-build-hook =", "post-build-hook =", "builders =", "allow-import-from-derivation = false"]
    # What a cache had an hour ago is not what it has.
    lines += ["warn-dirty = false", "narinfo-cache-positive-ttl = 0", "narinfo-cache-negative-ttl = 0"]
    if os.geteuid() == 0 and not DAEMON_SOCKET.exists() and not _group_exists("nixbld"):
        lines.append("build-users-group =")  # root without a daemon builds as itself, in the sandbox
    return {**os.environ, "NIX_CONFIG": "\n".join(lines)}


def _group_exists(name: str) -> bool:
    return any(group.gr_name == name for group in grp.getgrall())


def _run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            argv, capture_output=True, check=False, env=environment(), encoding="utf-8", errors="replace"
        )
    except FileNotFoundError as error:
        raise CouldNotCheck(f"Nix is not installed: there is no {argv[0]}", advice=INSTALL) from error


def _output(argv: Sequence[str]) -> str:
    done = _run(argv)
    if done.returncode != 0:
        raise CouldNotCheck(
            f"{argv[0]} failed: {last_error(done.stderr)}", advice="Run it by hand to see why."
        )
    return done.stdout


def last_error(stderr: str) -> str:
    """Returns the last error in what Nix printed, in one line."""
    lines = [plain(line).strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")] or lines
    return errors[-1] if errors else "it said nothing"


def version(programs: Path | None = None) -> str:
    """Returns Nix's version, such as `2.8.0`, or that of another Nix by the folder of its programs.

    Raises:
        CouldNotCheck: Nix is not installed, or says nothing.
    """
    said = _output([str(programs / "nix") if programs else "nix", "--version"]).split()
    if not said:
        raise CouldNotCheck("Nix says no version of itself", advice=INSTALL)
    return said[-1]


class EvaluationFailed(Exception):
    """A flake does not evaluate; the text is all that Nix said."""


def evaluate(attribute: str, function: str) -> object:
    """Returns what `function` (in Nix) makes of a flake's attribute, as JSON.

    Raises:
        EvaluationFailed: it does not evaluate.
        CouldNotCheck: Nix is not installed.
    """
    command = ["nix", "eval", "--json", "--show-trace", "--no-update-lock-file"]
    done = _run([*command, attribute, "--apply", function])
    if done.returncode != 0:
        raise EvaluationFailed(done.stderr)
    return json.loads(done.stdout)


def flake_revision(flake: str) -> tuple[str, str | None]:
    """Returns a flake's URL as Nix resolved it, and its git revision; none where files of it are not committed."""
    done = _run(["nix", "flake", "metadata", "--json", "--no-update-lock-file", flake])
    try:
        said = json.loads(done.stdout) if done.returncode == 0 else {}
    except ValueError:
        said = {}
    revision = said.get("revision")
    return str(said.get("url", flake)), revision if isinstance(revision, str) else None


def invalid(store: Store, paths: Sequence[str]) -> set[str]:
    """Returns those of `paths` that the store does not hold."""
    if not paths:
        return set()
    argv = [*store.command(), "--check-validity", "--print-invalid", *paths]
    return set(_output(argv).split())


def registered_sha256(store: Store, paths: Sequence[str]) -> dict[str, str]:
    """Returns what the store took down as the sha256 (hex) of each path's NAR when it was built."""
    if not paths:
        return {}
    said = _output([*store.command(), "--query", "--hash", *paths]).split()
    return {path: base32_sha256(word.removeprefix("sha256:")) for path, word in zip(paths, said, strict=True)}


def derivation_closure(store: Store, derivation: str) -> list[str]:
    """Returns all store paths that the derivation is written with: derivations and plain files, inputs first."""
    return _output([*store.command(), "--query", "--requisites", derivation]).split()


def copy(paths: Sequence[str], *, source: Store, target: Store) -> None:
    """Copies store paths, inputs first, without asking any cache.

    Raises:
        CouldNotCheck: the target cannot take them, for want of room for example.
    """
    reading = [*source.command(), "--export", *paths]
    writing = [*target.command(), "--import"]
    with subprocess.Popen(reading, stdout=subprocess.PIPE, env=environment()) as sender:
        done = subprocess.run(
            writing,
            stdin=sender.stdout,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            env=environment(),
        )
    if done.returncode != 0 or sender.returncode != 0:
        said = last_error(done.stderr)
        raise CouldNotCheck(f"the sources could not be copied: {said}", advice="Is there room on the disk?")


_building: "set[subprocess.Popen[str]]" = set()


def end_builds() -> None:
    """Ends the builds that other threads of this process are waiting for."""
    for process in list(_building):
        process.terminate()


def realise(
    derivations: Sequence[str], store: Store, listen: Callable[[Event], None], *, keep_going: bool = False
) -> Log:
    """Builds `derivations` and all below them; `listen` hears of builds and events while it runs.

    With `keep_going` the others are built although one has failed.

    Raises:
        BuildFailed: one of them has no output.
    """
    argv = [*store.command(), "--realise", "--log-format", "internal-json", "-v", *store.options]
    argv += ["--keep-going"] if keep_going else []
    log = Log()
    with subprocess.Popen(
        [*argv, *derivations],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=environment() | ({"TMPDIR": str(store.scratch)} if store.scratch else {}),
    ) as process:
        _building.add(process)
        try:
            for line in process.stderr or ():
                event = log.read(line.rstrip("\n"))
                if event is not None:
                    listen(event)
        except KeyboardInterrupt:
            process.terminate()  # a terminal tells Nix by itself, a kill of this process alone does not
            raise
        finally:
            _building.discard(process)
    if process.returncode != 0:
        raise BuildFailed(log)
    return log
