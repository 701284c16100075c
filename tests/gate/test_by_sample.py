"""A rebuild by sample counts where the tier says so, and shows enough; nowhere else."""

from pathlib import Path

import pytest

from tests.gate.policies import read, refusal, tier
from tests.gate.running import verify
from tests.gate.scene import Gate, verdict
from verifier.chain.sample import draw
from verifier.policy.explain import tier_sentences
from verifier.policy.terms import Sampling

NONCE = "0123456789abcdef" * 2
TAKES = {"false_chunks": 0.05, "passes": 0.6}


def sampled(gate: Gate, **changed: object) -> dict:
    """A verdict by sample, whose chunks are those that its nonce draws."""
    found = draw(12, 400, gate.contents.manifest, NONCE)
    sample = {
        **{"manifest_sha256": found.manifest_sha256, "nonce": NONCE, "fresh": True},
        **{"chunks": list(found.chunks), "of": 400},
        **changed,
    }
    return {**verdict(), "verified": False, "level": "by sample", "sample": sample}


def stage(gate: Gate, said: dict, by_sample: dict | None) -> None:
    """Has nobody but the sample show anything: one rebuilder is enough, and it signs no other rebuild."""

    def change(policy: dict) -> None:
        high = policy["tiers"]["high"]
        high["rebuilders"] = {"count": 1, "of": ["ci"]}
        if by_sample is not None:
            high["by_sample"] = by_sample

    gate.write_policy(change)
    gate.forget(["rebuild", "approval"])
    gate.release(said=said)
    gate.approve("alice")


def test_sample_counts_where_the_tier_takes_it(gate: Gate) -> None:
    stage(gate, sampled(gate), TAKES)
    said = verify(gate)
    assert said.code == 0, said.out + said.err
    assert said.document["decision"]["levels"] == ["BY_SAMPLE"]
    assert "BY_SAMPLE: 12 of 400 chunks rebuilt" in said.out


@pytest.mark.parametrize(
    ("changed", "by_sample", "why"),
    [
        ({}, None, "the tier takes no rebuild by sample"),
        ({}, {"false_chunks": 0.05, "passes": 0.5}, "passes its sample with 0.54"),
        ({}, {"false_chunks": 0.01, "passes": 0.6}, "a claim with 1 % false chunks passes"),
        ({"fresh": False}, TAKES, "the nonce of its sample was given"),
    ],
)
def test_sample_that_shows_too_little_does_not_count(
    changed: dict, by_sample: dict | None, why: str, gate: Gate
) -> None:
    stage(gate, sampled(gate, **changed), by_sample)
    found = verify(gate)
    assert found.code == 1, found.out + found.err
    assert found.reasons >= {"level-not-reached"}
    assert why in found.out


@pytest.mark.parametrize(
    "changed",
    [
        {"chunks": list(range(1, 13))},
        {"chunks": []},
        {"chunks": [1, 1]},
        {"chunks": [0]},
        {"of": True},
        {"of": 10**9},
        {"nonce": "ab"},
        {"nonce": None},
        {"fresh": 1},
        {"more": 1},
    ],
)
def test_sample_that_is_none_is_refused(changed: dict, gate: Gate) -> None:
    """Chunks that the nonce does not draw, above all: whoever signs could have chosen the good ones."""
    stage(gate, sampled(gate, **changed), TAKES)
    found = verify(gate)
    assert found.code == 1, found.out + found.err
    assert "unknown-format" in found.reasons, found.out


def test_sample_of_another_bundle_is_refused(gate: Gate) -> None:
    other = draw(12, 400, "ab" * 32, NONCE)
    stage(gate, sampled(gate, manifest_sha256="ab" * 32, chunks=list(other.chunks)), TAKES)
    assert "contents-differ" in verify(gate).reasons


def test_tier_without_the_key_takes_none(tmp_path: Path) -> None:
    assert read(tmp_path).tiers["high"].by_sample is None
    found = read(tmp_path, tier(by_sample=TAKES))
    assert found.tiers["high"].by_sample == Sampling(false_chunks=0.05, passes=0.6)
    sentences = list(tier_sentences(found.tiers["high"], found))
    assert (
        "A rebuild by sample counts where a claim with 5 % false chunks passes in at most 0.6." in sentences
    )


@pytest.mark.parametrize(
    "value",
    [{}, {"false_chunks": 0.05}, {"false_chunks": 0, "passes": 0.5}, {"false_chunks": 0.5, "passes": 1}, 0.5],
)
def test_what_a_sample_must_show_is_read_strictly(value: object, tmp_path: Path) -> None:
    refusal(tmp_path, tier(by_sample=value))
