"""How many threads really compute, held against what params.yaml declares."""

import os

from threadpoolctl import threadpool_info

from builder.runtime.failure import Refused

ADVICE = (
    "Leave threads alone in the script and say `threads: N` in params.yaml; N must not exceed the cores of any "
    "machine that builds this."
)


def declared() -> int:
    """Returns the declared number of threads of the running step."""
    return int(os.environ["SAMEBITS_THREADS"])


def check() -> None:
    """Returns if every pool of threads that is loaded has the declared size.

    Raises:
        Refused: one has another, which changes sums and so the bits.
    """
    for pool in threadpool_info():
        compare(int(pool["num_threads"]), str(pool["internal_api"]))


def compare(actual: int, library: str) -> None:
    """Returns if `actual` is the declared number.

    Raises:
        Refused: it is another; the sentence names the library.
    """
    if actual != declared():
        raise Refused(f"ran {library} with {actual} threads, declared are {declared()}", advice=ADVICE)
