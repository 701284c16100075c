"""A rebuilder: a real sshd on loopback, with a Nix store of its own and a verifier that has its own key.

Root alone can run it: sshd wants a user that this machine may not have, and is shown one in its own namespace.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

INSTALLED, UNPACKED = Path("/usr/sbin/sshd"), REPOSITORY / ".venv" / "clients" / "sshd"
NIX_CONF = """experimental-features = nix-command flakes
build-users-group =
sandbox = true
sandbox-fallback = false
substituters =
"""


@dataclass(frozen=True, kw_only=True)
class Rebuilder:
    """Its address, the variables with which it is reached, and its folder: `store`, `nix.conf`, `key.pub`."""

    uri: str
    environment: dict[str, str]
    folder: Path
    arguments: tuple[str, ...]

    @property
    def store(self) -> Path:
        return self.folder / "store"


def sshd() -> tuple[Path, dict[str, str]]:
    """The program and its variables; skips where there is none."""
    if os.geteuid() != 0:
        pytest.skip("sshd is shown a user of its own, which is for root")
    if INSTALLED.exists():
        return INSTALLED, {}
    if not UNPACKED.exists():
        pytest.skip("there is no sshd: .ci/clients unpacks it from Debian's packages")
    libraries = f"{UNPACKED}/usr/lib/x86_64-linux-gnu:{UNPACKED}/lib/x86_64-linux-gnu"
    return UNPACKED / "usr" / "sbin" / "sshd", {"LD_LIBRARY_PATH": libraries}


@contextmanager
def rebuilder(folder: Path, *, configuration: str = "") -> Iterator[Rebuilder]:
    """Runs it until the block ends; `configuration` is added to its nix.conf."""
    program, libraries = sshd()
    folder.mkdir(parents=True)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder / "key.pem"],
        check=True,
    )
    subprocess.run(
        ["openssl", "pkey", "-in", folder / "key.pem", "-pubout", "-out", folder / "key.pub"], check=True
    )
    (folder / "nix.conf").write_text(NIX_CONF + configuration)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    process = _start(folder, program, libraries, port)
    try:
        _wait(port)
        known = f"-o StrictHostKeyChecking=yes -o UserKnownHostsFile={folder}/known_hosts"
        options = f"-p {port} -i {folder}/user {known}"
        yield Rebuilder(
            uri=f"ssh-ng://127.0.0.1?remote-store={folder}/store",
            environment={"NIX_SSHOPTS": options},
            folder=folder,
            arguments=("--rebuilder-verifier", str(_verifier(folder))),
        )
    finally:
        process.terminate()
        process.wait()
        subprocess.run(["chmod", "-R", "u+rwX", folder / "store"], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(folder / "store", ignore_errors=True)


def _start(folder: Path, program: Path, libraries: dict[str, str], port: int) -> "subprocess.Popen[bytes]":
    lines = [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {folder}/host",
        f"AuthorizedKeysFile {folder}/user.pub",
        "PidFile none",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin prohibit-password",
        f"SetEnv NIX_USER_CONF_FILES={folder}/nix.conf",
    ]
    (folder / "sshd_config").write_text("\n".join(lines) + "\n")
    users = Path("/etc/passwd").read_text()
    (folder / "passwd").write_text(users + "sshd:x:74:65534::/run/sshd:/usr/sbin/nologin\n")
    inside = (
        f"mount --bind {folder}/passwd /etc/passwd && mkdir -p /run/sshd && "
        f"exec {program} -D -f {folder}/sshd_config -E {folder}/sshd.log"
    )
    return subprocess.Popen(["unshare", "-m", "sh", "-c", inside], env={**os.environ, **libraries})


def _wait(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("sshd does not listen")


def _verifier(folder: Path) -> Path:
    """The program that is asked there: the same verifier, with the rebuilder's own key."""
    place = folder / "verifier"
    place.write_text(
        f"#!/bin/sh\ncd {REPOSITORY} && SAMEBITS_REBUILDER_KEY={folder}/key.pem "
        f'exec {sys.executable} -m verifier "$@"\n'
    )
    place.chmod(0o755)
    return place
