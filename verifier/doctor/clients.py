"""The programs and libraries of others that parts of the work are left to."""

import importlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.doctor.found import Found, State

WAIT_SECONDS = 20
DRIVER = "psycopg"


@dataclass(frozen=True, kw_only=True)
class Client:
    """A program: how it says its version, and what it is for, as a sentence."""

    name: str
    command: tuple[str, ...]
    use: str
    package: str
    needed: bool = False


CLIENTS = (
    Client(
        name="git",
        command=("git", "--version"),
        use="Nix reads a flake in a git repository with it",
        package="git",
        needed=True,
    ),
    Client(
        name="openssl",
        command=("openssl", "version"),
        use="people make keys for signatures with it",
        package="openssl",
    ),
    Client(
        name="ssh",
        command=("ssh", "-V"),
        use="rebuilders on other machines are asked by it (--rebuilder)",
        package="openssh-client",
    ),
    Client(
        name="pip",
        command=(sys.executable, "-m", "pip", "--version"),
        use="`builder lock` and `builder fetch` get wheels with it",
        package="python3-pip",
    ),
    Client(
        name="apt",
        command=("apt-get", "--version"),
        use="`builder lock` and `builder fetch` get Debian's packages with it",
        package="apt",
    ),
    Client(name="tar", command=("tar", "--version"), use="people pack bundles with it", package="tar"),
)


def find_client(client: Client) -> Found:
    """Returns whether a program is there and runs."""
    name = client.command[0]
    remedy = f"{client.use}. Debian: apt-get install {client.package}"
    if not shutil.which(name):
        detail = f"there is no {name} on PATH"
        return Found(
            part=client.name, state=State.MISSING, detail=detail, remedy=remedy, needed=client.needed
        )
    version, fault = _version(client.command)
    if fault:
        detail = f"{shutil.which(name)} does not run: {fault}"
        return Found(
            part=client.name, state=State.MISSING, detail=detail, remedy=remedy, needed=client.needed
        )
    return Found(part=client.name, state=State.OK, detail=version, needed=client.needed)


def _version(command: Sequence[str]) -> tuple[str, str]:
    """Returns the first line of what a program says of its version, or why it does not."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=WAIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return "", f"it says nothing for {WAIT_SECONDS} seconds"
    except OSError as error:
        return "", error.strerror or str(error)
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if done.returncode != 0:
        return "", lines[-1] if lines else f"exit code {done.returncode}"
    return (lines[0] if lines else "of no version"), ""


def find_driver(module: str = DRIVER) -> Found:
    """Returns whether a ledger in PostgreSQL can be reached."""
    try:
        found = importlib.import_module(module)
    except ImportError as error:  # of the library in C below it too
        reason = str(error).splitlines()[0] if str(error) else "it cannot be imported"
        remedy = "A ledger that several machines share needs it: pip install 'samebits[postgresql]'"
        return Found(part="psycopg", state=State.MISSING, detail=reason, remedy=remedy)
    return Found(part="psycopg", state=State.OK, detail=str(getattr(found, "__version__", "of no version")))
