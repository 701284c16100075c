"""Changes of one place in a sigstore bundle, which is a path of member names and positions."""

import base64
from collections.abc import Callable

Place = tuple[str | int, ...]


def recode(place: Place, change: Callable[[str], object]) -> Callable[[dict], None]:
    """Changes the value at a place."""

    def apply(value: dict) -> None:
        *above, last = place
        for part in above:
            value = value[part]
        value[last] = change(value[last])

    return apply


def flip_bytes(place: Place, change: Callable[[bytes], bytes]) -> Callable[[dict], None]:
    """Changes the bytes that stand at a place in base64."""
    return recode(place, lambda text: base64.b64encode(change(base64.b64decode(text))).decode())


def flip(place: Place, index: int) -> Callable[[dict], None]:
    """Flips the lowest bit of one byte that stands there in base64."""
    return flip_bytes(place, lambda content: flipped(content, index))


def flipped(content: bytes, index: int) -> bytes:
    """The bytes with the lowest bit of one of them flipped."""
    changed = bytearray(content)
    changed[index] ^= 1
    return bytes(changed)
