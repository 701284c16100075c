"""Claims that somebody else makes: honest ones in a folder, and false ones whose rest goes on honestly."""

import hashlib
import json
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.integration.conftest import Repository, run
from verifier.flake import Model, describe
from verifier.nix import Store, copy, derivation_closure, environment, realise
from verifier.rebuild.plan import Plan, make_plan, written_with

# Of the stream that `nix-store --export` writes, behind the NAR.
MAGIC = 0x4558494E


@dataclass(frozen=True, kw_only=True)
class Claimant:
    """Somebody with a store of their own, who builds a model there and claims what came out."""

    model: Model
    plan: Plan
    store: Store
    folder: Path

    def output(self, label: str) -> str:
        """The store path of a build."""
        return next(d.output.path for d in self.plan.builds if self.plan.label(d.path) == label)

    def place(self, label: str) -> Path:
        return self.store.physical(self.output(label))

    def build(self, label: str) -> None:
        path = next(d.path for d in self.plan.builds if self.plan.label(d.path) == label)
        realise([path], self.store, lambda _: None)

    def forge(self, label: str, spoil: Callable[[Path], None]) -> None:
        """Puts something else in the place of an output that was built."""
        tree = self.folder / "forged"
        shutil.copytree(self.place(label), tree, symlinks=True)
        subprocess.run(["chmod", "-R", "u+rwX", tree], check=True)
        spoil(tree)
        self._nix("nix-store", "--store", str(self.store.root), "--delete", self.output(label))
        nar = self._nix("nix-store", "--dump", str(tree))
        path = self.output(label).encode()
        word = struct.pack("<Q", len(path)) + path + b"\0" * (-len(path) % 8)
        stream = (
            struct.pack("<Q", 1) + nar + struct.pack("<Q", MAGIC) + word + struct.pack("<QQQQ", 0, 0, 0, 0)
        )
        self._nix("nix-store", "--store", str(self.store.root), "--import", given=stream)
        shutil.rmtree(tree)

    def publish(self, *leaving_out: str) -> Path:
        """Returns a folder with all claims, but for those named."""
        cache = self.folder / "cache"
        labels = [*self.plan.chunks().values(), "train", "evaluate", "package"]
        paths = [self.output(label) for label in labels if label not in leaving_out]
        self._nix(
            "nix", "copy", "--from", str(self.store.root), "--to", f"file://{cache}?compression=none", *paths
        )
        return cache

    @staticmethod
    def _nix(*words: str, given: bytes = b"") -> bytes:
        done = subprocess.run(words, input=given, capture_output=True, check=False, env=environment())
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout


@contextmanager
def claimant(repository: Repository, name: str, folder: Path) -> Iterator[Claimant]:
    """Makes one whose store has toolchain and data, and nothing of the training yet."""
    folder.mkdir()
    (model,) = describe(str(repository.root), [name])
    machine, store = Store(), Store(root=folder / "store")
    plan = make_plan(model, machine)
    done = run("builder", "fetch", "--flake", str(repository.root), name)
    assert done.code == 0, done.err
    base = [d for d in plan.builds if plan.label(d.path) in ("toolchain", "prepare")]
    realise([d.path for d in base], machine, lambda _: None)
    built = [path for d in base for path in derivation_closure(machine, d.output.path)]
    copy(list(dict.fromkeys([*written_with(plan, machine), *built])), source=machine, target=store)
    try:
        yield Claimant(model=model, plan=plan, store=store, folder=folder)
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def one_ulp(numbers: np.ndarray) -> np.ndarray:
    """Returns numbers of which the first is moved by one unit in the last place."""
    moved = numbers.copy()
    moved[0] = np.nextafter(moved[0], np.float32(np.inf))
    return moved


def nudge(output: Path, move: Callable[[np.ndarray], np.ndarray] = one_ulp) -> None:
    """Moves the weights of a checkpoint, which stays in order."""
    tensors, state = (output / "checkpoint" / name for name in ("tensors.safetensors", "state.json"))
    content = bytearray(tensors.read_bytes())
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    start, end = next(said["data_offsets"] for name, said in header.items() if name.startswith("weights"))
    place = slice(8 + length + start, 8 + length + end)
    content[place] = move(np.frombuffer(bytes(content[place]), np.float32)).astype(np.float32).tobytes()
    before = hashlib.sha256(tensors.read_bytes()).hexdigest().encode()
    tensors.write_bytes(content)
    after = hashlib.sha256(content).hexdigest().encode()
    assert before in state.read_bytes()
    state.write_bytes(state.read_bytes().replace(before, after))
