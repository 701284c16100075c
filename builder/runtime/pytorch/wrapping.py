"""Puts a function of ours around one of torch's."""

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager

Function = Callable[..., object]  # type: ignore[explicit-any]  # whatever torch's functions take


def after(
    owner: object, attribute: str, *, then: Function | None = None, before: Function | None = None
) -> Function:
    """Wraps `owner.attribute`: `before` hears of its arguments, `then` of them and, by name, of its `result`.

    Both take the arguments as torch's callers give them: by position in the order of torch's own signature.
    """
    original: Function = getattr(owner, attribute)

    @functools.wraps(original)
    def wrapped(*arguments: object, **keywords: object) -> object:
        if before is not None:
            before(*arguments, **keywords)
        result = original(*arguments, **keywords)
        if then is not None:
            then(*arguments, **keywords, **({} if result is None else {"result": result}))
        return result

    setattr(owner, attribute, wrapped)
    return wrapped


def inside(owner: object, attribute: str, context: Callable[[], AbstractContextManager[None]]) -> None:
    """Wraps `owner.attribute` so that each call runs inside a new `context`."""
    original: Function = getattr(owner, attribute)

    @functools.wraps(original)
    def wrapped(*arguments: object, **keywords: object) -> object:
        with context():
            return original(*arguments, **keywords)

    setattr(owner, attribute, wrapped)
