"""Which of a script's objects the hooks in torch have met: their tensors keep their names from chunk to chunk."""

from collections.abc import Mapping
from typing import cast

import torch

from builder.runtime.failure import Refused
from builder.runtime.pytorch.names import Known, parameters

GIVE_ALL = "Give it to chunks.load by any name: chunks.load(total, model=model, optimizer=optimizer, …)."
# The name of an object, and the path of a module inside of it or nothing.
Place = list[str]


def remember(known: Known, objects: Mapping[str, object]) -> dict[str, object]:
    """Returns, as JSON, where among `objects` the models and optimisers are that were met.

    Raises:
        Refused: one is not there, so that its state would be lost.
    """
    optimisers = known.optimisers()
    places = [_optimiser_place(one, objects) for one in optimisers]
    having = [[i for i, p in enumerate(parameters(one)) if p.grad is not None] for one in optimisers]
    models = [_model_place(model, objects) for model in known.models()]
    return {"models": models, "optimisers": places, "gradients": having}


def meet_again(known: Known, remembered: Mapping[str, object], objects: Mapping[str, object]) -> bool:
    """Meets all that was remembered, in the same order; returns whether there were gradients.

    Those parameters that had gradients get zeros for them: the script is about to drop them.
    """
    for place in cast(list[Place | None], remembered["models"]):
        known.meet_model(torch.nn.Module() if place is None else cast(torch.nn.Module, _at(place, objects)))
    had = cast(list[list[int]], remembered["gradients"])
    for place, having in zip(cast(list[Place], remembered["optimisers"]), had, strict=True):
        optimiser = cast(torch.optim.Optimizer, _at(place, objects))
        known.meet_optimiser(optimiser)
        for index, parameter in enumerate(parameters(optimiser)):
            if index in having:
                parameter.grad = torch.zeros_like(parameter)
    return any(had)


def _optimiser_place(optimiser: torch.optim.Optimizer, objects: Mapping[str, object]) -> Place:
    name = next((name for name, thing in objects.items() if thing is optimiser), None)
    if name is None:
        kind = type(optimiser).__qualname__
        raise Refused(f"trains with an optimiser that chunks.load was not given: {kind}", advice=GIVE_ALL)
    return [name, ""]


def _model_place(model: torch.nn.Module, objects: Mapping[str, object]) -> Place | None:
    """Returns where a model is; None where it has no state, such as a loss."""
    for name, thing in objects.items():
        if isinstance(thing, torch.nn.Module):
            inside = next((path for path, one in thing.named_modules() if one is model), None)
            if inside is not None:
                return [name, inside]
    if next(model.parameters(), None) is None and next(model.buffers(), None) is None:
        return None
    kind = type(model).__qualname__
    raise Refused(f"trains a model that chunks.load was not given: {kind}", advice=GIVE_ALL)


def _at(place: Place, objects: Mapping[str, object]) -> object:
    name, inside = place
    thing = objects[name]
    return thing.get_submodule(inside) if isinstance(thing, torch.nn.Module) else thing
