"""Chunks that nobody could foresee, and what it shows that they are right."""

import itertools
import math

import pytest

from verifier.chain.sample import chance, draw, false_chunks, sample_words
from verifier.errors import BadInput

DIGEST, NONCE = "ab" * 32, "0123456789abcdef" * 2


def test_same_nonce_gives_the_same_chunks() -> None:
    first, second = (draw(12, 400, DIGEST, NONCE) for _ in range(2))
    assert first == second
    assert len(set(first.chunks)) == 12 and not first.fresh
    assert all(1 <= number <= 400 for number in first.chunks)


def test_another_claim_or_another_nonce_gives_other_chunks() -> None:
    plain = draw(12, 400, DIGEST, NONCE).chunks
    assert draw(12, 400, "cd" * 32, NONCE).chunks != plain
    assert draw(12, 400, DIGEST, NONCE[::-1]).chunks != plain


def test_nonce_is_fresh_each_time() -> None:
    drawn = {draw(1, 8, DIGEST, None).nonce for _ in range(20)}
    assert len(drawn) == 20
    assert draw(1, 8, DIGEST, None).fresh


def test_each_choice_is_about_equally_likely() -> None:
    counts = dict.fromkeys(itertools.combinations(range(1, 6), 2), 0)
    for number in range(2000):
        counts[draw(2, 5, DIGEST, f"{number:032x}").chunks] += 1
    assert all(140 < count < 260 for count in counts.values())


def test_chance_is_hypergeometric() -> None:
    for drawn, of, false in [(3, 10, 2), (12, 400, 20), (1, 1, 1), (5, 5, 1)]:
        expected = math.comb(of - false, drawn) / math.comb(of, drawn)
        assert chance(drawn, of, false) == pytest.approx(expected)


def test_twelve_of_four_hundred_in_words() -> None:
    assert sample_words(draw(12, 400, DIGEST, NONCE)) == (
        "12 of 400 chunks rebuilt; a claim with 5 % false chunks passes with probability 0.54, "
        "with one false chunk 0.97"
    )


def test_few_chunks_are_spoken_of_one_by_one() -> None:
    words = sample_words(draw(2, 8, DIGEST, NONCE))
    assert words == "2 of 8 chunks rebuilt; a claim with one false chunk passes with probability 0.75"


def test_small_doubt_is_never_rounded_away() -> None:
    assert "0.9990" in sample_words(draw(1, 1000, DIGEST, NONCE))
    assert sample_words(draw(8, 8, DIGEST, NONCE)).endswith("probability 0")


def test_share_is_rounded_down_to_one_at_least() -> None:
    assert [false_chunks(of) for of in (1, 20, 39, 40, 400)] == [1, 1, 1, 2, 20]


@pytest.mark.parametrize("count", [0, -1, 9])
def test_more_chunks_than_there_are_is_bad_input(count: int) -> None:
    with pytest.raises(BadInput, match="8 chunks"):
        draw(count, 8, DIGEST, None)


def test_training_in_one_piece_has_nothing_to_draw_from() -> None:
    with pytest.raises(BadInput, match="one piece"):
        draw(1, 0, DIGEST, None)


@pytest.mark.parametrize("seed", ["", "xyz", "AB" * 16, "ab", "ab" * 65])
def test_seed_that_is_no_nonce_is_bad_input(seed: str) -> None:
    with pytest.raises(BadInput, match="no nonce"):
        draw(1, 8, DIGEST, seed)
