"""A PostgreSQL of one's own, from Debian's packages: on a socket in a folder, by a user without rights."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

INSTALLED, UNPACKED = Path("/"), REPOSITORY / ".venv" / "clients" / "postgresql"
NOBODY = "nobody"
NUMBERS = count()
SETTINGS = {"listen_addresses": "", "fsync": "off", "jit": "off"}


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that runs, with its own folder; `environment` is that of its programs."""

    folder: Path
    programs: Path
    environment: Mapping[str, str]

    def url(self, database: str = "postgres", role: str = "samebits", **query: str) -> str:
        """The URL of a database."""
        more = "".join(f"&{name}={value}" for name, value in query.items())
        return f"postgresql://{role}@/{database}?host={self.folder}{more}"

    def sql(self, *statements: str, database: str = "postgres") -> str:
        """What psql says to statements of the owner, each on its own."""
        words = [word for statement in statements for word in ("-c", statement)]
        return self.run("psql", "-h", str(self.folder), "-U", "samebits", "-XAtq", *words, database)

    def new_database(self, options: str = "") -> str:
        """The name of an empty database, made now."""
        name = f"d{next(NUMBERS)}"
        self.sql(f"CREATE DATABASE {name} {options}")
        return name

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        settings = {**SETTINGS, "unix_socket_directories": self.folder}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._control("-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stops it at once, as a machine that falls over."""
        self._control("-m", "immediate", "stop")

    def _control(self, *argv: str) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", *argv)

    def run(self, program: str, *argv: str) -> str:
        """Runs one of its programs, which must succeed; returns what it said."""
        done = subprocess.run(
            [str(self.programs / program), *argv],
            env={**os.environ, **self.environment, "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **_without_rights(),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def server() -> Iterator[Server]:
    """Runs an empty server; skips where there is no PostgreSQL."""
    # Not in pytest's folder: that is closed to other users, and its path is too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="samebits-postgresql-"))
    try:
        found = _server(folder)
        options = ("-U", "samebits", "-A", "trust", "-E", "UTF8", "--no-sync")
        found.run("initdb", "-D", str(folder / "data"), *options)
        found.start()
        try:
            yield found
        finally:
            found.stop()
    finally:
        shutil.rmtree(folder)


def _server(folder: Path) -> Server:
    root, environment = INSTALLED, {}
    if not _initdb(INSTALLED):
        if not _initdb(UNPACKED):
            pytest.skip("there is no PostgreSQL: .ci/clients unpacks it from Debian's packages")
        # A copy, for the checkout may be closed to whom the server runs as.
        root = Path(shutil.copytree(UNPACKED, folder / "programs", symlinks=True))
        libraries = sorted([*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu")])
        environment = {"LD_LIBRARY_PATH": ":".join(map(str, libraries))}
    owner = _without_rights()
    if owner:
        os.chown(folder, owner["user"], owner["group"])
    return Server(folder=folder, programs=_initdb(root)[-1].parent, environment=environment)


def _initdb(root: Path) -> Sequence[Path]:
    return sorted(root.glob("usr/lib/postgresql/*/bin/initdb"))


def _without_rights() -> dict:
    """Whom to run as: the server refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam(NOBODY)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
