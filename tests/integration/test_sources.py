"""Locks and files: pinned, fetched, checked; what is wrong is named and nothing wrong gets in."""

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.integration.conftest import Repository, run

NIX = ["nix", "--extra-experimental-features", "nix-command flakes", "--option", "substituters", ""]
DEB = "libbz2-1.0_1.0.8-5+b1_amd64.deb"


def locked(name: str) -> int:
    """Returns how many files a lock names."""
    return len(json.loads((REPOSITORY / f"{name}.lock.json").read_text())["sources"])


def test_locking_again_changes_no_byte(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "builder/locks").mkdir(parents=True)
    for file in REPOSITORY.glob("builder/locks/numpy.*"):  # the others are large
        shutil.copy2(file, root / "builder/locks")
    shutil.copytree(REPOSITORY / "models/digits", root / "models/digits")
    locks = [root / "builder/locks/numpy.lock.json", root / "models/digits/data.lock.json"]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in locks]
    done = run("builder", "lock", "--root", str(root))
    assert done.code == 0, done.err
    assert done.out == "builder/locks/numpy.lock.json: unchanged\nmodels/digits/data.lock.json: unchanged\n"
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in locks] == before


def test_locking_from_nothing_gives_the_committed_lock(tmp_path: Path) -> None:
    """Nothing in a lock comes from the lock before it, as long as no newer version was published."""
    root = tmp_path / "root"
    shutil.copytree(REPOSITORY / "models/digits", root / "models/digits")
    committed = root / "models/digits/data.lock.json"
    text = committed.read_text()
    committed.unlink()
    request = root / "models/digits/data.yaml"
    request.write_text(request.read_text().replace("[scikit-learn]", "[scikit-learn==1.9.1]"))
    assert run("builder", "lock", "--root", str(root)).code == 0
    fresh = committed.read_text()
    assert [line for line in fresh.splitlines() if "sha256" in line or "mirror:" in line] == [
        line for line in text.splitlines() if "sha256" in line or "mirror:" in line
    ]


def test_unknown_request_names_the_nearest() -> None:
    done = run("builder", "lock", "numpi")
    assert done.code == 2
    assert "Did you mean 'numpy'?" in done.err


def test_requirement_that_cannot_be_met_is_named(tmp_path: Path) -> None:
    request = tmp_path / "locks" / "odd.yaml"
    request.parent.mkdir()
    request.write_text("kind: data\npython: '3.11'\nwheels: [no-such-package-of-samebits]\n")
    done = run("builder", "lock", "--root", str(tmp_path))
    assert done.code == 3
    assert "no-such-package-of-samebits" in done.err
    assert not request.with_suffix(".lock.json").exists()


def test_second_fetch_does_nothing() -> None:
    done = run("builder", "fetch", "digits")
    assert done.code == 0
    names = ("builder/locks/numpy", "models/digits/data", "builder/locks/surroundings")
    assert done.out == f"{sum(map(locked, names))} files are in the store already\n"


def test_unknown_name_names_the_nearest() -> None:
    done = run("builder", "fetch", "nunpy")
    assert done.code == 2
    assert "Did you mean 'numpy'?" in done.err


def test_source_that_the_store_lacks_fails_the_build_by_name(tmp_path: Path) -> None:
    attribute = f"{REPOSITORY}#digits"
    argv = [*NIX, "build", "--no-link", "--store", str(tmp_path / "empty"), attribute]
    environment = {**os.environ, "NIX_CONFIG": "sandbox = true\nbuild-users-group ="}
    done = subprocess.run(
        argv, capture_output=True, text=True, errors="replace", check=False, env=environment
    )
    assert done.returncode != 0
    assert "is not in the store; run: builder fetch numpy" in done.stderr


def test_building_in_another_store_leaves_the_machines_sources_alone(tmp_path: Path) -> None:
    """With builtin:fetchurl Nix 2.8 emptied the machine's file when the other store lacked it."""
    before = {path: path.stat().st_size for path in Path("/nix/store").glob("*.whl")}
    assert before
    attribute = f"{REPOSITORY}#digits"
    environment = {**os.environ, "NIX_CONFIG": "sandbox = true\nbuild-users-group =\nkeep-going = true"}
    argv = [*NIX, "build", "--no-link", "--store", str(tmp_path / "empty"), attribute]
    assert subprocess.run(argv, capture_output=True, check=False, env=environment).returncode != 0
    assert {path: path.stat().st_size for path in Path("/nix/store").glob("*.whl")} == before


def test_source_with_other_bytes_fails_the_check() -> None:
    """A file of the machine's store is spoiled behind Nix's back, and put right again."""
    (stored,) = Path("/nix/store").glob(f"*-{DEB}")
    good = stored.read_bytes()
    try:
        stored.chmod(0o644)
        stored.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        done = run("verifier", "check", "digits")
    finally:
        stored.write_bytes(good)
        stored.chmod(0o444)
        os.utime(stored, (1, 1))
    assert done.code == 1
    assert f"{DEB} has other bytes than the lock says" in done.out
    assert "not checked: its sources are not what the lock says" in done.out


@pytest.fixture
def nix_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store of this test's own, so that there is something to fetch."""
    root = tmp_path / "own-store"
    monkeypatch.setenv("NIX_REMOTE", str(root))
    monkeypatch.setenv("NIX_CONFIG", "build-users-group =")
    return root


class Mirror(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A mirror of one package on loopback; tests spoil the file it serves."""
    pool = tmp_path / "mirror" / "pool" / "main" / "b" / "bzip2"
    pool.mkdir(parents=True)
    (stored,) = Path("/nix/store").glob(f"*-{DEB}")
    shutil.copy(stored, pool / DEB)
    (pool / DEB).chmod(0o644)
    handler = partial(Mirror, directory=str(tmp_path / "mirror"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("SAMEBITS_DEBIAN_MIRROR", f"http://127.0.0.1:{server.server_port}")
        yield pool / DEB
        server.shutdown()


def only(repository: Repository, name: str) -> None:
    """Reduces the flake's list of sources to the one package `name`."""
    outputs = repository.root / "builder" / "outputs.nix"
    text = outputs.read_text()
    picked = f'builtins.filter (s: s.entry.name == "{name}") t.sources'
    assert "t.sources;" in text
    outputs.write_text(text.replace("t.sources;", f"({picked});"))


def test_package_comes_from_the_named_mirror(repository: Repository, nix_store: Path, mirror: Path) -> None:
    only(repository, "libbz2-1.0")
    done = run("builder", "fetch", "--flake", str(repository.root), "numpy")
    assert done.code == 0, done.err
    assert done.out == "1 of 1 files fetched (0.0 MB), checked and added to the store\n"
    (stored,) = (nix_store / "nix/store").glob(f"*-{DEB}")
    assert stored.read_bytes() == mirror.read_bytes()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda b: b[:-1], "gave 47347 bytes with sha256"),
        (lambda b: b[:-1] + bytes([b[-1] ^ 1]), "gave 47348 bytes with sha256"),
        (lambda _: b"", "gave 0 bytes with sha256"),
    ],
    ids=["short", "one-bit", "empty"],
)
def test_spoiled_download_never_enters_the_store(
    spoil: Callable[[bytes], bytes], sentence: str, repository: Repository, nix_store: Path, mirror: Path
) -> None:
    only(repository, "libbz2-1.0")
    mirror.write_bytes(spoil(mirror.read_bytes()))
    done = run("builder", "fetch", "--flake", str(repository.root), "numpy")
    assert done.code == 3
    assert sentence in done.err
    assert list((nix_store / "nix/store").glob(f"*{DEB}")) == []


def test_mirror_without_the_file_is_named(repository: Repository, nix_store: Path, mirror: Path) -> None:
    only(repository, "libbz2-1.0")
    mirror.unlink()
    done = run("builder", "fetch", "--flake", str(repository.root), "numpy")
    assert done.code == 3
    assert f"no mirror gave pool/main/b/bzip2/{DEB}" in done.err


def test_interrupted_fetch_keeps_what_it_had_and_goes_on(nix_store: Path, tmp_path: Path) -> None:
    """Ctrl-C while packages come in, then the same command again."""
    argv = [sys.executable, "-m", "builder", "fetch", "--jobs", "2", "numpy"]
    process = subprocess.Popen(
        argv,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    store = nix_store / "nix/store"
    for _ in range(600):
        if store.exists() and len(list(store.glob("*.deb"))) >= 3:
            break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3, said
    assert "Traceback" not in said
    kept = len(list(store.glob("*.deb"))) + len(list(store.glob("*.whl")))
    assert kept >= 3
    assert list((tmp_path / "cache" / "samebits").glob("staging-*")) == []
    again = run("builder", "fetch", "numpy")
    assert again.code == 0, again.err
    # Each of the two downloads may have been killed with its file in place and not yet registered by Nix.
    fetched = int(again.out.split()[0])
    assert 0 < fetched <= locked("builder/locks/numpy") - kept + 2
