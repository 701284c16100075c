"""The claimed outputs: which there are, where, and what their source says of them; nothing of it is believed."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from verifier import nix
from verifier.bundle import MANIFEST
from verifier.chain.pieces import Piece, by_name
from verifier.errors import BadInput, CouldNotCheck
from verifier.nar import nar_sha256
from verifier.nix import Store
from verifier.nix_paths import nar_sizes
from verifier.nix_pieces import Leash, move
from verifier.rebuild.folders import working_folder

SCHEMES = ("https://", "http://", "file://", "s3://", "ssh-ng://")
CACHE_INFO = "nix-cache-info"
CHANGED = "changed after it was built"
FORM = "Name a Nix cache by its address, or the folder that `nix copy --to file://FOLDER` has filled."


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claimed output: its store path, the sha256 (hex) and the bytes of its NAR, as its source says."""

    path: str
    sha256: str
    size: int


def claims_store(place: str | None) -> Store:
    """Returns the store that has the claims; that of the machine where no place is named.

    Raises:
        BadInput: the place is neither a cache nor the address of one.
    """
    if place is None:
        return Store()
    if Path(place).is_dir():
        if not (Path(place) / CACHE_INFO).is_file():
            raise BadInput(f"--claims: {place} is no Nix cache: it has no {CACHE_INFO}", advice=FORM)
        return Store(uri=f"file://{Path(place).resolve()}")
    if not place.startswith(SCHEMES) or not place.isprintable():
        raise BadInput(f"--claims: {place!r} is no folder, and no address of a cache", advice=FORM)
    return Store(uri=place)


class Claims(AbstractContextManager["Claims"]):
    """The claims on the pieces of one bundle; use as a context, which removes what was fetched.

    `known` are those that the source has, by the names of the pieces.
    """

    def __init__(self, pieces: Sequence[Piece], place: str | None) -> None:
        self.words = "this machine's store" if place is None else place
        self._source = claims_store(place)
        self.pieces = by_name(tuple(pieces))
        self.known = _known(pieces, self._source)
        self.store = self._source
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._source.uri is not None:
            self.store = Store(root=self._stack.enter_context(working_folder()) / "claims")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def fetch(self, names: Iterable[str]) -> dict[str, str]:
        """Brings claims to this machine's disk, where they are not; returns why those that could not be had lack.

        Of each claim our own reading is held against what its source says; one that differs lacks too.
        """
        faults = {}
        if self.store is not self._source:
            for name in names:
                try:
                    move([self.known[name].path], source=self._source, target=self.store, leash=Leash())
                except CouldNotCheck as error:
                    faults[name] = error.sentence
        there = [name for name in names if name not in faults]
        with ThreadPoolExecutor() as pool:
            hashes = dict(zip(there, pool.map(self._own_sha256, there), strict=True))
        for name, sha256 in hashes.items():
            if sha256 != self.known[name].sha256:
                faults[name] = CHANGED
        return faults

    def folder(self, name: str) -> Path:
        """Returns where a claim that was fetched lies."""
        return self.store.physical(self.known[name].path)

    def manifest_sha256(self) -> str:
        """Returns the digest that fixes the claim: of the manifest of its bundle.

        Raises:
            CouldNotCheck: it has none.
        """
        try:
            return hashlib.sha256((self.folder("package") / MANIFEST).read_bytes()).hexdigest()
        except OSError as error:
            raise CouldNotCheck(
                f"the claimed bundle has no manifest: {error.strerror}", advice="Is it a bundle of mkModel?"
            ) from error

    def _own_sha256(self, name: str) -> str:
        try:
            return nar_sha256(self.folder(name))
        except OSError:
            return ""  # the store's database may say that it is there


def _known(pieces: Sequence[Piece], source: Store) -> Mapping[str, Claim]:
    paths = [piece.output for piece in pieces]
    lacking = nix.invalid(source, paths)
    there = [path for path in paths if path not in lacking]
    hashes, sizes = nix.registered_sha256(source, there), nar_sizes(source, there)
    return {
        piece.name: Claim(path=piece.output, sha256=hashes[piece.output], size=sizes.get(piece.output, 0))
        for piece in pieces
        if piece.output in hashes
    }
