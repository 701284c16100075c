"""A sample of chunks that whoever makes the claim could not foresee, and what it shows, in numbers.

The claim is fixed first, by the digest of the bundle's manifest; then a nonce is drawn. Chunks are ranked by
sha256 over both and their own number, and the first K are taken: each choice is equally likely, and anybody can
repeat it.
"""

import hashlib
import math
import os
import re

from verifier.errors import BadInput
from verifier.verdict import Sample

DOMAIN = b"samebits/sample/v1"
NONCE_BYTES = 16
# More than any rules make (builder/chunks.nix).
MOST_CHUNKS = 100_000
NONCE = re.compile(r"[0-9a-f]{32,128}")
# The share of false chunks that the sentence speaks of.
SHARE = 0.05


def draw(count: int, of: int, manifest_sha256: str, seed: str | None) -> Sample:
    """Returns `count` chunks of `of`, numbered from 1; `seed` is the nonce (hex) of a sample to repeat.

    Raises:
        BadInput: there are not so many chunks, or the seed is no nonce.
    """
    if not 1 <= count <= of:
        have = f"there are {of} chunks" if of else "its training is made in one piece"
        raise BadInput(f"--sample {count}: {have}", advice="Give a number from 1 to that of the chunks.")
    if seed is not None and not NONCE.fullmatch(seed):
        raise BadInput(
            f"--seed {seed!r} is no nonce",
            advice="Give the `nonce` of a verdict: 32 hexadecimal digits or more.",
        )
    nonce = os.urandom(NONCE_BYTES).hex() if seed is None else seed
    ranked = sorted(range(1, of + 1), key=lambda number: _rank(number, manifest_sha256, nonce))
    return Sample(
        manifest_sha256=manifest_sha256,
        nonce=nonce,
        fresh=seed is None,
        chunks=tuple(sorted(ranked[:count])),
        of=of,
    )


def is_drawn(sample: Sample) -> bool:
    """Returns whether a sample has the chunks that its nonce and manifest draw."""
    if sample.of > MOST_CHUNKS or not NONCE.fullmatch(sample.nonce):
        return False
    return draw(len(sample.chunks), sample.of, sample.manifest_sha256, sample.nonce).chunks == sample.chunks


def _rank(number: int, manifest_sha256: str, nonce: str) -> bytes:
    return hashlib.sha256(
        b"\0".join([DOMAIN, manifest_sha256.encode(), nonce.encode(), str(number).encode()])
    ).digest()


def chance(drawn: int, of: int, false: int) -> float:
    """Returns the probability that none of `false` chunks is among `drawn` of `of` (hypergeometric)."""
    if false > of - drawn:
        return 0.0
    return math.prod((of - false - i) / (of - i) for i in range(drawn))


def false_chunks(of: int, share: float = SHARE) -> int:
    """Returns how many false chunks a share is, rounded down, and at least one."""
    return max(1, math.floor(of * share + 1e-9))


def sample_words(sample: Sample) -> str:
    """Returns what a sample shows, such as *12 of 400 chunks rebuilt; …*."""
    drawn, of = len(sample.chunks), sample.of
    done = f"{drawn} of {of} chunks rebuilt"
    one = f"with one false chunk {_shown(chance(drawn, of, 1))}"
    many = false_chunks(of)
    if many == 1:
        return f"{done}; a claim {one.replace('chunk ', 'chunk passes with probability ')}"
    some = f"a claim with {SHARE * 100:g} % false chunks passes with probability {_shown(chance(drawn, of, many))}"
    return f"{done}; {some}, {one}"


def _shown(probability: float) -> str:
    """Returns a probability with two digits, and never 1 for what is less."""
    return f"{probability:.2g}" if probability < 0.995 or probability == 1 else f"{probability:.4f}"
