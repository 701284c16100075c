"""The order of the data: from the seed alone, every row once an epoch, always full batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.runtime.order import epoch_batches, epochs

EXPECTED = [0, 2, 4, 8, 6, 1, 7, 9, 5, 3]
seeds = st.integers(0, 2**32 - 1)


@given(st.integers(1, 50), st.integers(1, 50), seeds)
def test_batches_are_full_and_no_row_comes_twice_in_an_epoch(rows: int, size: int, seed: int) -> None:
    found = list(epoch_batches(rows, size, seed, 0))
    assert len(found) == rows // size
    assert all(batch.shape == (size,) and batch.dtype == np.int64 for batch in found)
    taken = np.concatenate([*found, np.empty(0, np.int64)])
    assert len(set(taken.tolist())) == len(taken)
    assert set(taken.tolist()) <= set(range(rows))


def test_epochs_follow_one_another_and_are_shuffled_anew() -> None:
    batches = epochs(6, 3, seed=1)
    found = [next(batches).tolist() for _ in range(4)]
    assert found[:2] == [batch.tolist() for batch in epoch_batches(6, 3, 1, 0)]
    assert found[2:] == [batch.tolist() for batch in epoch_batches(6, 3, 1, 1)]
    assert found[:2] != found[2:]


def test_order_is_the_same_on_every_machine() -> None:
    """Written down once; numpy promises the stream of PCG64 (NEP 19), and this would show a change."""
    assert next(epochs(10, 10, seed=1611)).tolist() == EXPECTED


def test_other_seed_gives_another_order() -> None:
    assert next(epochs(100, 100, seed=1)).tolist() != next(epochs(100, 100, seed=2)).tolist()


@pytest.mark.parametrize(("rows", "size"), [(3, 4), (0, 1), (3, 0), (3, -1)])
def test_batch_that_cannot_be_filled_is_refused(rows: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"{rows} rows give no batch of {size}"):
        next(epochs(rows, size, seed=1))
