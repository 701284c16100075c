"""What of torch's objects goes into a trace: tensors by name, settings in plain words, the norm of gradients."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

import torch

SCALAR = (bool, int, float, str)
FEW = 8


class Known:
    """The modules that a script calls as a whole, and its optimisers, in the order in which they were met.

    The last few of each are kept alive, since their tensors are noted when the script has ended; no more, since a
    script may make a new one for every fold or every step.
    """

    def __init__(self) -> None:
        self._models: deque[torch.nn.Module] = deque(maxlen=FEW)
        self._optimisers: deque[tuple[int, torch.optim.Optimizer]] = deque(maxlen=FEW)
        self._met = 0

    def models(self) -> list[torch.nn.Module]:
        """Returns the models, in the order in which they were met."""
        return list(self._models)

    def optimisers(self) -> list[torch.optim.Optimizer]:
        """Returns the optimisers, in the order in which they were met."""
        return [optimiser for _, optimiser in self._optimisers]

    def meet_model(self, model: torch.nn.Module) -> None:
        """Takes in a module, where it is new."""
        if all(known is not model for known in self._models):
            self._models.append(model)

    def meet_optimiser(self, optimiser: torch.optim.Optimizer) -> bool:
        """Takes in an optimiser and returns whether it is new."""
        if any(known is optimiser for _, known in self._optimisers):
            return False
        self._optimisers.append((self._met, optimiser))
        self._met += 1
        return True

    def tensors(self) -> Iterator[tuple[str, torch.Tensor]]:
        """Yields weights and buffers of the models, and what the optimisers remember, each once."""
        names: dict[int, str] = {}
        for number, model in enumerate(self._models):
            for name, tensor in _own(model):
                if id(tensor) not in names:
                    names[id(tensor)] = f"model{number}.{name}" if number else name
                    yield names[id(tensor)], tensor
        for number, optimiser in self._optimisers:
            for index, parameter in enumerate(parameters(optimiser)):
                if id(parameter) not in names:
                    names[id(parameter)] = f"optimiser{number}.{index}"
                    yield names[id(parameter)], parameter
                for key, value in optimiser.state.get(parameter, {}).items():
                    if isinstance(value, torch.Tensor):
                        yield f"{names[id(parameter)]}:optimiser{number}.{key}", value


def _own(model: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from model.named_parameters()
    yield from model.named_buffers()


def parameters(optimiser: torch.optim.Optimizer) -> Iterator[torch.Tensor]:
    """Yields every parameter of an optimiser, in its order."""
    for group in optimiser.param_groups:
        yield from group["params"]


def gradient_norm(optimiser: torch.optim.Optimizer) -> float:
    """Returns the Euclidean norm of all gradients: each one's norm is torch's, their sum is in binary64."""
    gradients = [p.grad for p in parameters(optimiser) if p.grad is not None]
    dense = [g.coalesce().values() if g.is_sparse else g for g in gradients]
    if not dense:
        return 0.0
    norms = torch.stack([n.double() for n in torch._foreach_norm(dense)]).tolist()
    return math.sqrt(math.fsum(value * value for value in norms))


def learning_rate(optimiser: torch.optim.Optimizer) -> float | None:
    """Returns the rate of the first group of parameters; None where it has no number for one."""
    rate = optimiser.param_groups[0].get("lr")
    plain = isinstance(rate, (int, float)) or (isinstance(rate, torch.Tensor) and rate.numel() == 1)
    return float(rate) if plain else None


def settings(values: Mapping[str, object]) -> dict[str, object]:
    """Returns those of `values` that are plain words, numbers or a few of them, under names not private."""
    public = {name: value for name, value in values.items() if not name.startswith("_")}
    lists = {k: v for k, v in public.items() if isinstance(v, (list, tuple)) and len(v) <= FEW}
    return {
        **{name: _word(value) for name, value in public.items() if isinstance(value, SCALAR)},
        **{name: _words(items) for name, items in lists.items() if all(isinstance(i, SCALAR) for i in items)},
    }


def _words(values: Iterable[object]) -> list[object]:
    return [_word(value) for value in values]


def _word(value: object) -> object:
    """Returns a number that JSON has no word for as text: a bound of infinity is a way to measure a norm."""
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value
