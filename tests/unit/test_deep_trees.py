"""Trees deeper than Python's stack, which a script can leave behind and Nix takes in without a word."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.bundles import refused_or_problem, write_bundle
from verifier.compare import compare_trees
from verifier.nar import nar_sha256
from verifier.rebuild.folders import remove_tree

DEPTH = 1_200


@pytest.fixture
def deep_tree(tmp_path: Path) -> Iterator[Path]:
    """1,200 folders inside one another, removed by a program that does not recurse."""
    top = tmp_path / "deep"
    make_deep(top)
    yield top
    subprocess.run(["rm", "-rf", str(top)], check=True)


def make_deep(top: Path) -> None:
    subprocess.run(["mkdir", "-p", f"{top}/{'d/' * DEPTH}"], check=True)


@pytest.mark.skipif(shutil.which("nix-hash") is None, reason="needs nix-hash")
def test_deep_tree_has_nix_hash(deep_tree: Path) -> None:
    argv = ["nix-hash", "--type", "sha256", str(deep_tree)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert nar_sha256(deep_tree) == done.stdout.strip()


def test_deep_trees_can_be_compared(deep_tree: Path) -> None:
    assert compare_trees(deep_tree, deep_tree) == []


def test_deep_tree_is_removed(deep_tree: Path) -> None:
    remove_tree(deep_tree)
    assert not deep_tree.exists()


def test_bundle_with_a_deep_folder_of_strangers_is_refused_or_a_problem(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    write_bundle(bundle)
    make_deep(bundle)
    subprocess.run(["touch", f"{bundle}/{'d/' * DEPTH}extra"], check=True)
    assert refused_or_problem(bundle)
    subprocess.run(["rm", "-rf", str(bundle)], check=True)
