"""Refuses, at its first use, what of torch would give other bits on another processor.

It wraps the functions that a script can name. What torch calls inside one kernel, and what a script compiles, it
does not see; the list was measured with that in mind (benchmarks/silicon.py), and building on another CPU model is
the proof. A model may allow a name in params.yaml, with a reason, which the bundle then shows.
"""

import functools
import inspect
import operator
import sys
from collections.abc import Callable, Collection, Iterator

import torch
from torch.jit import _builtins
from torch.optim.optimizer import register_optimizer_step_pre_hook

from builder.runtime.pytorch.rules import FUSABLE, FUSED, OPTIMISERS, RULES, Call, Rule
from builder.runtime.silicon import refusal

Function = Callable[..., object]  # type: ignore[explicit-any]  # whatever torch's functions take


class Guard:
    """The wraps around torch; `allowed` holds names that may be used."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = allowed
        # Where the code of an allowed optimiser lies: AdamW's is Adam's.
        names = {name.removeprefix("torch.optim.").lower() for name in allowed if "optim" in name}
        modules = {"adam" if name == "adamw" else name for name in names}
        self._trusted = {f"torch.optim.{module}" for module in modules}

    def install(self) -> None:
        """Wraps every function of the rules, and looks at every optimiser before its first step."""
        wrapped: dict[int, Function] = {}
        for rule in RULES:
            if f"torch.{rule.name}" not in self._allowed:
                for owner, attribute in places(rule):
                    original = getattr(owner, attribute)
                    if id(original) not in wrapped:
                        wrapped[id(original)] = self._wrapped(rule, original, owner, attribute)
                    setattr(owner, attribute, wrapped[id(original)])
        register_optimizer_step_pre_hook(self._before_step)

    def _wrapped(self, rule: Rule, function: Function, owner: object, attribute: str) -> Function:
        @functools.wraps(function)
        def guarded(*arguments: object, **keywords: object) -> object:
            tensor = first_tensor((*arguments, *keywords.values()))
            if tensor is not None and tensor.device.type == "cpu":
                call = Call(arguments=arguments, keywords=keywords, dtype=computed_in(tensor, rule))
                if rule.applies(call) and not self._called_by_allowed_optimiser():
                    raise refusal(f"torch.{rule.name}", rule.instead, how=rule.how)
            return function(*arguments, **keywords)

        if owner is torch:  # so that it can be pickled by its name, and compiled by TorchScript as ever
            guarded.__module__, guarded.__qualname__ = "torch", attribute
            builtin = _builtins._find_builtin(function)
            if builtin is not None:
                _builtins._register_builtin(guarded, builtin)
        return guarded

    def _called_by_allowed_optimiser(self) -> bool:
        return bool(self._trusted) and sys._getframe(2).f_globals.get("__name__") in self._trusted

    def _before_step(self, optimiser: torch.optim.Optimizer, *_: object) -> None:
        name = known_optimiser(type(optimiser))
        if name is None or all(group.get("fused") for group in optimiser.param_groups):
            return
        on_cpu = any(p.device.type == "cpu" for group in optimiser.param_groups for p in group["params"])
        if on_cpu and f"torch.optim.{name}" not in self._allowed:
            how = f"without {FUSED}" if name in FUSABLE else ""
            raise refusal(f"torch.optim.{name}", OPTIMISERS[name], how=how)


def known_optimiser(kind: type) -> str | None:
    """Returns which optimiser of torch's does the step of `kind`, if the list has it.

    A script's own class counts where it leaves the step as it is; else it is judged by what it calls.
    """
    step: Function = inspect.unwrap(kind.step)  # type: ignore[attr-defined]  # of an optimiser
    if not step.__module__.startswith("torch.optim"):
        return None
    torchs = (base for base in kind.__mro__ if base.__module__.startswith("torch.optim"))
    return next((base.__name__ for base in torchs if base.__name__ in OPTIMISERS), None)


def computed_in(tensor: torch.Tensor, rule: Rule) -> str:
    """Returns the type that a function computes in, such as `float64`: integers are promoted first."""
    floating = tensor.is_floating_point() or tensor.is_complex()
    promoted = tensor.dtype if floating else torch.get_default_dtype()
    return "float64" if rule.name == "float_power" else str(promoted).removeprefix("torch.")


def places(rule: Rule) -> Iterator[tuple[object, str]]:
    """Yields owner and attribute of every function of a rule that this torch has."""
    for place in rule.places:
        path, _, attribute = place.rpartition(".")
        owner = operator.attrgetter(path)(torch) if path else torch
        if hasattr(owner, attribute):
            yield owner, attribute


def first_tensor(values: tuple[object, ...]) -> torch.Tensor | None:
    """Returns the first tensor among arguments, or in a list among them."""
    for value in values:
        if isinstance(value, torch.Tensor):
            return value
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], torch.Tensor):
            return value[0]
    return None
