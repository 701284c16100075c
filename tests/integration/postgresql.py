"""A PostgreSQL of one's own, from Debian's packages: on a socket in a folder, by a user without rights."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

UNPACKED = REPOSITORY / ".venv" / "clients" / "postgresql"
NOBODY = "nobody"


def programs() -> tuple[Path, dict[str, str]]:
    """Where initdb and the others lie, and the variables with which they run; skips where there are none."""
    for root, environment in ((Path("/"), {}), (UNPACKED, _libraries())):
        found = sorted((root / "usr" / "lib" / "postgresql").glob("*/bin/initdb"))
        if found:
            return found[-1].parent, environment
    pytest.skip("there is no PostgreSQL: .ci/clients unpacks it from Debian's packages")


def _libraries() -> dict[str, str]:
    return {"LD_LIBRARY_PATH": f"{UNPACKED}/usr/lib/x86_64-linux-gnu:{UNPACKED}/lib/x86_64-linux-gnu"}


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Runs a server; yields the URL of an empty database."""
    place, libraries = programs()
    data, sockets = folder / "data", folder / "sockets"
    sockets.mkdir()
    run_as = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        nobody = pwd.getpwnam(NOBODY)
        run_as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        data.mkdir()
        for path in (data, sockets):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        for above in [folder, *folder.parents]:
            if above.stat().st_uid == 0 and not above.stat().st_mode & 0o001:
                above.chmod(0o711)  # pytest's folders are closed to others
    environment = {**os.environ, **libraries, "LC_ALL": "C.UTF-8", "HOME": str(folder)}

    def run(*argv: str) -> None:
        done = subprocess.run(
            argv, env=environment, cwd="/", capture_output=True, text=True, check=False, **run_as
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run(str(place / "initdb"), "-D", str(data), "-U", "samebits", "-A", "trust", "--no-sync", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories={sockets} -c fsync=off"
    run(str(place / "pg_ctl"), "-D", str(data), "-w", "-l", str(data / "log"), "-o", options, "start")
    try:
        yield f"postgresql://samebits@/postgres?host={sockets}"
    finally:
        run(str(place / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(data, ignore_errors=True)
