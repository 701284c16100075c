"""Runs Nix on single paths of a store that need not lie on this machine: what they hold, and who built them."""

import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from verifier.errors import CouldNotCheck
from verifier.nix import Store, environment, last_error

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Info:
    """What a store says of a path: whether it was built in this store, and when it was taken down (Unix time)."""

    built_here: bool
    registered: int


def nar_sha256_in(store: Store, path: str) -> str:
    """Returns the sha256 (hex) of a path's NAR, as the store sends it: hashed here.

    Raises:
        CouldNotCheck: it cannot be had.
    """
    digest = hashlib.sha256()
    with _nar(store, path) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def restore(store: Store, path: str, target: Path) -> None:
    """Unpacks a path of the store to `target`, which is not there yet.

    Raises:
        CouldNotCheck: it cannot be had, or not be written.
    """
    with _nar(store, path) as stream:
        done = subprocess.run(
            ["nix-store", "--restore", str(target)], stdin=stream, capture_output=True, check=False
        )
    if done.returncode != 0:
        said = last_error(done.stderr.decode("utf-8", "replace"))
        raise CouldNotCheck(f"{path} cannot be unpacked: {said}", advice="Is there room on the disk?")


@contextmanager
def _nar(store: Store, path: str) -> Iterator[IO[bytes]]:
    """Yields the stream of a path's NAR."""
    argv = ["nix", "store", "dump-path", *_where(store), path]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None and process.stderr is not None
        yield process.stdout
        said = process.stderr.read().decode("utf-8", "replace")
    if process.returncode != 0:
        raise CouldNotCheck(f"{path} cannot be read: {last_error(said)}", advice="Is the store's machine up?")


def info_of(store: Store, paths: Sequence[str]) -> dict[str, Info]:
    """Returns what the store says of paths that it holds.

    Raises:
        CouldNotCheck: it holds one of them not.
    """
    argv = ["nix", "path-info", "--json", *_where(store), *paths]
    done = subprocess.run(
        argv, capture_output=True, check=False, encoding="utf-8", errors="replace", env=environment()
    )
    if done.returncode != 0:
        what = last_error(done.stderr)
        raise CouldNotCheck(
            f"the store says nothing of what it built: {what}", advice="Build it there first."
        )
    return read_infos(done.stdout, paths)


def nar_sizes(store: Store, paths: Sequence[str]) -> dict[str, int]:
    """Returns the bytes of the NAR of each path that the store holds; what it does not say is left out."""
    if not paths:
        return {}
    argv = ["nix", "path-info", "--json", *_where(store), *paths]
    done = subprocess.run(
        argv, capture_output=True, check=False, encoding="utf-8", errors="replace", env=environment()
    )
    known = _by_path(done.stdout)
    found = {path: known.get(path) or known.get(path.rpartition("/")[2]) for path in paths}
    return {
        path: said["narSize"]
        for path, said in found.items()
        if isinstance(said, Mapping) and type(said.get("narSize")) is int
    }


def read_infos(text: str, paths: Sequence[str]) -> dict[str, Info]:
    """Returns what `nix path-info --json` printed about paths.

    Nix 2.8 gives a list; 2.19 and later an object by path; 2.33 and later that in another, by names alone.

    Raises:
        CouldNotCheck: it says nothing of one of them.
    """
    known = _by_path(text)
    return {path: _info(path, known.get(path) or known.get(path.rpartition("/")[2])) for path in paths}


def _by_path(text: str) -> Mapping[str, object]:
    try:
        said: object = json.loads(text)
    except ValueError:
        said = None
    if isinstance(said, list):
        said = {str(one.get("path")): one for one in said if isinstance(one, dict)}
    if isinstance(said, dict) and isinstance(said.get("info"), dict):
        said = said["info"]
    return said if isinstance(said, dict) else {}


def _info(path: str, said: object) -> Info:
    registered = said.get("registrationTime") if isinstance(said, Mapping) else None
    if not isinstance(said, Mapping) or not isinstance(registered, int):
        raise CouldNotCheck(f"the store does not hold {path}", advice="Build it there first.")
    return Info(built_here=said.get("ultimate") is True, registered=registered)


def _where(store: Store) -> list[str]:
    place = store.uri or store.root
    return ["--store", str(place)] if place else []
