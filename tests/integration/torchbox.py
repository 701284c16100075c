"""Runs a script as a step does, on the real torch toolchain and in the real profile, but outside of a build."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import REPOSITORY

NIX = ["nix", "--extra-experimental-features", "nix-command flakes"]
# As root without a daemon; a Nix that is set up otherwise ignores neither.
CONFIG = "sandbox = true\nsubstituters =\nwarn-dirty = false\nmax-jobs = 2"


def nix_environment() -> dict[str, str]:
    """Returns the environment for Nix itself: offline, and as root without build users."""
    alone = os.geteuid() == 0 and not Path("/nix/var/nix/daemon-socket/socket").exists()
    return {**os.environ, "NIX_CONFIG": CONFIG + ("\nbuild-users-group =" if alone else "")}


def nix(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs a Nix command."""
    return subprocess.run(
        [*NIX, *arguments],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=check,
        env=nix_environment(),
    )


def build(attribute: str, root: Path = REPOSITORY) -> Path:
    """Builds what the flake at `root` names and returns where its output lies."""
    nix("build", "--no-link", f"{root}#{attribute}")
    return Path(nix("eval", "--raw", f"{root}#{attribute}").stdout)


def profile(name: str = "portable", threads: str = "1") -> dict[str, str]:
    """Returns the environment that builder/profile.nix gives."""
    function = f'f: f {{ name = "{name}"; threads = "{threads}"; }}'
    path = str(REPOSITORY / "builder" / "profile.nix")
    settings: dict[str, str] = json.loads(nix("eval", "--json", "--file", path, "--apply", function).stdout)
    return settings


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a script ended; `report` is what it told the launcher, `said` its stdout."""

    code: int
    report: dict[str, str]
    said: str
    log: str
    output: Path

    def usage(self) -> dict[str, object]:
        """Returns the event `usage`."""
        lines = [line for line in self.log.splitlines() if line.startswith("@samebits ")]
        events: list[dict[str, object]] = [json.loads(line.removeprefix("@samebits ")) for line in lines]
        (found,) = [event for event in events if event["event"] == "usage"]
        return found

    def steps(self) -> list[dict[str, float]]:
        """Returns the training steps of the trace."""
        lines = (self.output / "trace" / "steps.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def decisions(self) -> dict[str, dict[str, object]]:
        """Returns the last decision of each kind."""
        document = json.loads((self.output / "trace" / "decisions.json").read_text())
        return {decision["what"]: decision["value"] for decision in document["decisions"]}

    def tensors(self) -> list[tuple[int, str, str]]:
        """Returns step, name and digest of every tensor that was noted."""
        lines = (self.output / "trace" / "tensors.jsonl").read_text().splitlines()
        return [(d["step"], d["name"], d["sha256"]) for d in map(json.loads, lines)]


@dataclass(frozen=True, kw_only=True)
class TorchBox:
    """A Python with torch, a profile, and a folder to work in."""

    python: Path
    settings: dict[str, str]
    folder: Path

    def run(self, text: str, *, params: str = "seed: 1\n", step: str = "train", **more: str) -> Ran:
        """Runs the script `text`; `more` goes into its environment."""
        number = len(list(self.folder.iterdir()))
        place = self.folder / str(number)
        output = place / "output"
        output.mkdir(parents=True)
        (place / "train.py").write_text(text)
        (place / "params.yaml").write_text(params)
        environment = {
            **self.settings,
            "PATH": str(self.python.parent),
            "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY}/builder/runtime/startup",
            "SAMEBITS_STEP": step,
            "SAMEBITS_PARAMS": str(place / "params.yaml"),
            "SAMEBITS_OUTPUT": str(output),
            **more,
        }
        ours, theirs = os.pipe()
        command = [str(self.python), "-B", "-m", "builder.runtime.script", str(theirs)]
        done = subprocess.run(
            [*command, str(place / "train.py")],
            env=environment,
            pass_fds=[theirs],
            capture_output=True,
            text=True,
            check=False,
        )
        os.close(theirs)
        with os.fdopen(ours) as report:
            told = report.read()
        return Ran(
            code=done.returncode,
            report=json.loads(told) if told else {},
            said=done.stdout,
            log=done.stderr,
            output=output,
        )
