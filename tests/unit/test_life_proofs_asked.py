"""A proof is asked about the whole bundle that it reads, and about nothing beside or inside it."""

import os
from pathlib import Path

import pytest

from tests.unit.lives import asked, nix_that_says
from tests.unit.test_life_proofs import PACKAGE, PLAN, World, environment, fidelity
from verifier.errors import BadInput
from verifier.life.proofs import proofs_of

BUNDLE = PACKAGE.output.path
DECOY = f"{BUNDLE}/evaluation/decoy"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return World(tmp_path)


@pytest.mark.parametrize(
    "step",
    [
        asked(DECOY),
        asked(BUNDLE, inputs={"bundle": DECOY}),
        asked(BUNDLE, inputs={"bundle": BUNDLE, "more": BUNDLE}),
        asked(BUNDLE, code=f"{DECOY}/code"),
        asked(BUNDLE, params=f"{DECOY}/params.yaml"),
        asked(BUNDLE, script="../evaluation/decoy/predict.py"),
        asked(BUNDLE, script=f"{DECOY}/predict.py"),
        asked(BUNDLE, sources={"answers": DECOY}),
        asked(BUNDLE, emulator=["python3", "-c", "pass"]),
        asked(BUNDLE, surroundings={"files": {}}),
        "{}",
        "[]",
        "[" * 100_000,
        "",
    ],
)
def test_proof_about_something_else_than_the_bundle_is_refused(world: World, step: str) -> None:
    """A bundle whose answers are right may lie inside the one whose answers are wrong."""
    world.refused("fidelity", world.offer(fidelity(environment=environment(SAMEBITS_STEP=step))))


def test_flake_that_does_not_evaluate_is_bad_input(world: World) -> None:
    nix_that_says(world.folder / "bin", {})
    (world.folder / "bin" / "nix").write_text("#!/bin/sh\necho 'error: infinite recursion' >&2\nexit 1\n")
    with pytest.raises(BadInput) as caught:
        proofs_of(str(world.folder), PLAN, world.store)
    assert caught.value.sentence.endswith("describes no proofs of tiny: infinite recursion")
