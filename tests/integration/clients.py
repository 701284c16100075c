"""Other people's signature clients, as `.ci/clients` and pip install them."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@dataclass(frozen=True, kw_only=True)
class Client:
    """A client's command, run in an empty home: neither caches nor settings of this machine decide."""

    command: tuple[str, ...]
    home: Path

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """How the command ended; its `args` say what was run."""
        environment = {**os.environ, "HOME": str(self.home), "COSIGN_PASSWORD": ""}
        return subprocess.run(
            [*self.command, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            env=environment,
            timeout=120,
        )

    def succeed(self, *arguments: str | Path) -> str:
        """What the command printed; it must not fail."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"{done.args}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def fail(self, *arguments: str | Path) -> str:
        """What the command complained of; it must fail."""
        done = self.run(*arguments)
        assert done.returncode != 0, f"{done.args}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr


def cosign(version: int, home: Path) -> Client:
    """Debian's cosign 2 or 3; the test is skipped where it could not be installed."""
    program = REPOSITORY / ".venv" / "clients" / f"cosign-{version}"
    if not program.exists():
        pytest.skip(f"cosign-{version} is not in .venv/clients; .ci/clients installs it from Debian")
    home.mkdir(parents=True, exist_ok=True)
    return Client(command=(str(program),), home=home)


def python_client(module: str, home: Path) -> Client:
    """A client from PyPI: `sigstore` or `model_signing`."""
    home.mkdir(parents=True, exist_ok=True)
    return Client(command=(sys.executable, "-m", module), home=home)
