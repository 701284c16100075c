"""Refuses, at its first use, what of torch would give other bits on another processor.

It wraps the functions that a script can name. What torch calls inside one kernel, and what a script compiles, it
does not see; the list was measured with that in mind (benchmarks/silicon.py), and building on another CPU model is
the proof. A model may allow a name in params.yaml, with a reason, which the bundle then shows.
"""

import functools
import operator
from collections.abc import Callable, Collection, Iterator

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from builder.runtime.pytorch.rules import FUSED, OPTIMISERS, RULES, Call, Rule
from builder.runtime.silicon import refusal

Function = Callable[..., object]  # type: ignore[explicit-any]  # whatever torch's functions take


class Guard:
    """The wraps around torch; `allowed` holds names that may be used."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = allowed
        self._inside_allowed_optimiser = False

    def install(self) -> None:
        """Wraps every function of the rules, and looks at every optimiser before its first step."""
        for rule in RULES:
            if f"torch.{rule.name}" not in self._allowed:
                for owner, attribute in places(rule):
                    setattr(owner, attribute, self._wrapped(rule, getattr(owner, attribute)))
        register_optimizer_step_pre_hook(self._before_step)
        register_optimizer_step_post_hook(self._after_step)

    def _wrapped(self, rule: Rule, function: Function) -> Function:
        @functools.wraps(function)
        def guarded(*arguments: object, **keywords: object) -> object:
            tensor = first_tensor((*arguments, *keywords.values()))
            if tensor is not None and not self._inside_allowed_optimiser and on_silicon(tensor):
                dtype = str(tensor.dtype).removeprefix("torch.")
                if rule.applies(Call(arguments=arguments, keywords=keywords, dtype=dtype)):
                    raise refusal(f"torch.{rule.name}", rule.instead, how=rule.how)
            return function(*arguments, **keywords)

        return guarded

    def _before_step(self, optimiser: torch.optim.Optimizer, *_: object) -> None:
        name = type(optimiser).__name__
        # By module, since a script's own Adam is judged by what it calls.
        known = name in OPTIMISERS and type(optimiser).__module__.startswith("torch.optim")
        if not known or all(group.get("fused") for group in optimiser.param_groups):
            return
        if f"torch.optim.{name}" in self._allowed:
            self._inside_allowed_optimiser = True
        elif any(on_silicon(p) for group in optimiser.param_groups for p in group["params"]):
            raise refusal(f"torch.optim.{name}", OPTIMISERS[name], how=f"without {FUSED}")

    def _after_step(self, *_: object) -> None:
        self._inside_allowed_optimiser = False


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


def on_silicon(tensor: torch.Tensor) -> bool:
    """Returns whether the CPU computes with this tensor, in floating point."""
    return bool(tensor.device.type == "cpu" and (tensor.is_floating_point() or tensor.is_complex()))
