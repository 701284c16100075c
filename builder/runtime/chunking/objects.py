"""What `chunks.load` can be given: how each kind of object tells its state, and how it takes it back."""

import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from builder.runtime.chunking.tensorfile import memory_order
from builder.runtime.failure import Refused

CAN_HOLD = (
    "Give it objects with state_dict and load_state_dict, dictionaries of arrays, or generators of random "
    "numbers: numpy's Generator, random.Random, torch's Generator."
)


@dataclass(frozen=True, kw_only=True)
class Held:
    """One object: its kind in a word, how to take its state, and how to put one back."""

    kind: str
    take: Callable[[], object]
    put: Callable[[object], None]


def held(name: str, thing: object) -> Held:
    """Returns how to deal with the object that the script calls `name`.

    Raises:
        Refused: nobody knows what its state is.
    """
    if "torch" in sys.modules:
        found = _of_torch(thing)
        if found is not None:
            return found
    if isinstance(thing, np.random.Generator):
        bits = thing.bit_generator
        return Held(
            kind="numpy.Generator", take=lambda: bits.state, put=lambda state: setattr(bits, "state", state)
        )
    if isinstance(thing, np.random.RandomState):
        return Held(kind="numpy.RandomState", take=lambda: thing.get_state(legacy=False), put=thing.set_state)  # type: ignore[arg-type]
    if type(thing) is random.Random:
        return Held(kind="random.Random", take=thing.getstate, put=thing.setstate)  # type: ignore[arg-type]
    if type(thing) is dict:
        return Held(
            kind="dict",
            take=lambda: thing,
            put=lambda state: refill(thing, cast(dict[object, object], state)),
        )
    take, put = getattr(thing, "state_dict", None), getattr(thing, "load_state_dict", None)
    if callable(take) and callable(put):
        return Held(kind="state_dict", take=lambda: _plain(take()), put=put)
    kind = f"{type(thing).__module__}.{type(thing).__qualname__}".removeprefix("builtins.")
    raise Refused(f"gives chunks.load {name!r}, a {kind}, whose state it cannot know", advice=CAN_HOLD)


def _plain(state: object) -> object:
    """Returns a state_dict as a plain dictionary, whatever mapping it is."""
    return dict(state) if isinstance(state, Mapping) else state


def _of_torch(thing: object) -> Held | None:
    import torch  # noqa: PLC0415 (a toolchain need not have torch)

    from builder.runtime.pytorch.state import module_state, put_module  # noqa: PLC0415 (it imports torch)

    if isinstance(thing, torch.nn.Module):
        return Held(
            kind="torch.Module",
            take=lambda: module_state(thing),
            put=lambda state: put_module(thing, cast(Mapping[str, object], state)),
        )
    if isinstance(thing, torch.Generator):
        return Held(
            kind="torch.Generator", take=thing.get_state, put=lambda state: _put_generator(thing, state)
        )
    return None


def _put_generator(generator: object, state: object) -> None:
    generator.set_state(state)  # type: ignore[attr-defined]


def refill(target: dict[object, object], saved: Mapping[object, object]) -> None:
    """Makes `target` equal to `saved`; arrays of the same form keep their place in memory, for others see them."""
    items = {key: _refilled(target.get(key), value) for key, value in saved.items()}
    target.clear()
    target.update(items)


def _refilled(old: object, value: object) -> object:
    if type(old) is dict and type(value) is dict:
        refill(old, value)
        return old
    if type(old) is np.ndarray and type(value) is np.ndarray:
        forms = [(a.dtype, a.shape, memory_order(a.shape, a.strides)) for a in (old, value)]
        if forms[0] == forms[1] and old.flags.writeable:
            old[...] = value
            return old
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(old, torch.Tensor) and isinstance(value, torch.Tensor):
        form = [(t.dtype, t.shape, memory_order(t.shape, t.stride()), t.device) for t in (old, value)]
        if form[0] == form[1]:
            old.detach().copy_(value)
            return old
    return value
