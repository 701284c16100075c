"""When a statement was signed, as far as somebody else vouches for it."""

from datetime import datetime

from verifier.signing.envelope import Signed


def signing_times_of(signed: Signed) -> tuple[datetime, ...]:
    """Returns the proven times of a statement that was verified: none where it is signed with a key."""
    if signed.certificate is None:
        return ()
    from verifier.signing.keyless import proven_times  # noqa: PLC0415 (slow to load, and not for keys)

    return proven_times(signed)
