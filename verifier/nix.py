"""The only file that runs Nix: evaluate a flake, ask a store, fill it, build in it.

Only commands that Nix 2.8 and 2.26 share are used; what is read of their output is the same in both.
"""

import difflib
import grp
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier.errors import BadInput, CouldNotCheck
from verifier.nixlog import Event, Log, plain

INSTALL = "Install Nix (Debian: apt-get install nix-bin) and see that `nix --version` works."
DAEMON_SOCKET = Path("/nix/var/nix/daemon-socket/socket")
# Where Nix keeps its store for a user who may not write /nix and has no daemon.
ROOTLESS = Path("~/.local/share/nix/root")

# What builder/lock.nix adds to a trace; the trace shows the rule's own line too, with its ${…} unfilled.
READING = "while reading the lock "

DESCRIBE = """models: let
  names = builtins.fromJSON %s;
  one = name: let m = models.${name}; in {
    inherit (m) version drvPath;
    path = m.outPath;
    steps = builtins.mapAttrs (_: step: step.drvPath) { inherit (m) toolchain prepare train evaluate package; };
  };
in {
  known = builtins.attrNames models;
  models = builtins.listToAttrs (map (name: { inherit name; value = one name; })
    (builtins.filter (name: models ? ${name}) names));
}"""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model as its flake describes it: version, derivation, bundle path, and its steps' derivations."""

    name: str
    version: str
    derivation: str
    path: str
    steps: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Store:
    """A Nix store; `root` is the folder above its nix/store, `options` are added to builds in it."""

    root: Path | None = None
    options: tuple[str, ...] = ()

    def flags(self) -> list[str]:
        """Returns the flags that direct a Nix command to this store."""
        return ["--store", str(self.root)] if self.root else []

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


def _environment() -> dict[str, str]:
    """Returns the environment of every Nix command: the user's configuration, then what a proof demands."""
    lines = [os.environ.get("NIX_CONFIG", ""), "extra-experimental-features = nix-command flakes"]
    lines += ["sandbox = true", "sandbox-fallback = false", "sandbox-paths =", "substituters ="]
    lines.append("warn-dirty = false")
    if os.geteuid() == 0 and not DAEMON_SOCKET.exists() and not _group_exists("nixbld"):
        lines.append("build-users-group =")  # root without a daemon builds as itself, in the sandbox
    return {**os.environ, "NIX_CONFIG": "\n".join(lines)}


def _group_exists(name: str) -> bool:
    return any(group.gr_name == name for group in grp.getgrall())


def _run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            argv, capture_output=True, check=False, env=_environment(), encoding="utf-8", errors="replace"
        )
    except FileNotFoundError as error:
        raise CouldNotCheck(f"Nix is not installed: there is no {argv[0]}", advice=INSTALL) from error


def _output(argv: Sequence[str]) -> str:
    done = _run(argv)
    if done.returncode != 0:
        raise CouldNotCheck(
            f"{argv[0]} failed: {nix_error(done.stderr)}", advice="Run it by hand to see why."
        )
    return done.stdout


def nix_error(stderr: str) -> str:
    """Returns the sentence in what Nix printed: the last error, and the lock that was being read."""
    lines = [plain(line).strip() for line in stderr.splitlines()]
    reading = [line.split(READING)[1] for line in lines if READING in line and "${" not in line]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")] or lines[-1:]
    what = errors[-1] if errors else "it said nothing"
    return f"the lock {reading[-1]} {what}" if reading else what


def version() -> str:
    """Returns Nix's version, such as `2.8.0`.

    Raises:
        CouldNotCheck: Nix is not installed.
    """
    return _output(["nix", "--version"]).split()[-1]


def describe(flake: str, names: Sequence[str]) -> list[Model]:
    """Evaluates `flake` and returns the models called `names`.

    Raises:
        BadInput: the flake does not evaluate, or has no such model.
        CouldNotCheck: Nix is not installed.
    """
    expression = DESCRIBE % json.dumps(json.dumps(list(names))).replace("${", "\\${")
    attribute = f"{flake}#packages.x86_64-linux"
    done = _run(
        ["nix", "eval", "--json", "--show-trace", "--no-update-lock-file", attribute, "--apply", expression]
    )
    if done.returncode != 0:
        raise BadInput(
            f"{where(flake)} does not evaluate: {nix_error(done.stderr)}", advice=_mend(done.stderr)
        )
    found = json.loads(done.stdout)
    for name in names:
        if name not in found["models"]:
            near = difflib.get_close_matches(name, found["known"], n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(found['known']) or 'none'}."
            raise BadInput(f"{where(flake)} has no model called {name!r}", advice=hint)
    return [_model(name, found["models"][name]) for name in names]


def where(flake: str) -> str:
    """Returns a flake as a person knows it: the folder, where it is one."""
    return f"the flake {Path(flake).resolve() if Path(flake).is_dir() else flake}"


def _mend(said: str) -> str:
    if "requires lock file changes" in said:
        return "Pin the inputs of the flake first: nix flake lock"
    return "Correct that; new files of a repository must be known to git (git add)."


def _model(name: str, fields: dict[str, str]) -> Model:
    steps = fields["steps"]
    if not isinstance(steps, dict):
        raise BadInput(f"the flake describes no steps of {name}", advice="Make it with mkModel.")
    return Model(
        name=name, version=fields["version"], derivation=fields["drvPath"], path=fields["path"], steps=steps
    )


def invalid(store: Store, paths: Sequence[str]) -> set[str]:
    """Returns those of `paths` that the store does not hold."""
    if not paths:
        return set()
    argv = ["nix-store", *store.flags(), "--check-validity", "--print-invalid", *paths]
    return set(_output(argv).split())


def derivation_closure(store: Store, derivation: str) -> list[str]:
    """Returns all store paths that the derivation is written with: derivations and plain files, inputs first."""
    return _output(["nix-store", *store.flags(), "--query", "--requisites", derivation]).split()


def copy(paths: Sequence[str], *, source: Store, target: Store) -> None:
    """Copies store paths, inputs first, without asking any cache.

    Raises:
        CouldNotCheck: the target cannot take them, for want of room for example.
    """
    reading = ["nix-store", *source.flags(), "--export", *paths]
    writing = ["nix-store", *target.flags(), "--import"]
    with subprocess.Popen(reading, stdout=subprocess.PIPE, env=_environment()) as sender:
        done = subprocess.run(
            writing,
            stdin=sender.stdout,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            env=_environment(),
        )
    if done.returncode != 0 or sender.returncode != 0:
        said = nix_error(done.stderr)
        raise CouldNotCheck(f"the sources could not be copied: {said}", advice="Is there room on the disk?")


def realise(derivations: Sequence[str], store: Store, listen: Callable[[Event], None]) -> Log:
    """Builds `derivations` and all below them; `listen` hears of builds and events while it runs.

    Raises:
        BuildFailed: one of them has no output.
    """
    argv = ["nix-store", *store.flags(), "--realise", "--log-format", "internal-json", "-v", *store.options]
    log = Log()
    with subprocess.Popen(
        [*argv, *derivations],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=_environment(),
    ) as process:
        try:
            for line in process.stderr or ():
                event = log.read(line.rstrip("\n"))
                if event is not None:
                    listen(event)
        except KeyboardInterrupt:
            process.terminate()  # a terminal tells Nix by itself, a kill of this process alone does not
            raise
    if process.returncode != 0:
        raise BuildFailed(log)
    return log
