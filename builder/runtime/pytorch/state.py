"""What of torch's objects goes into a checkpoint: tensors with their layout, modules whole, generators."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import cast

import numpy as np
import torch

from builder.runtime.chunking.tensorfile import WORDS, Entry, memory_order
from builder.runtime.digests import content_of


def entry_of(tensor: torch.Tensor) -> tuple[Entry, tuple[int, ...], str | None] | None:
    """Returns a tensor's entry, the order of its axes in memory, and its device; None where it cannot be written.

    The order is empty where it is C's, the device None where it is the CPU.
    """
    name = str(tensor.dtype).removeprefix("torch.")
    if name not in WORDS or tensor.layout != torch.strided or tensor.is_meta:
        return None
    plain = tensor.detach()
    order = () if plain.is_contiguous() else memory_order(plain.shape, plain.stride())
    laid = plain.permute(order) if order else plain
    content = content_of(laid)
    if content is None:
        return None
    device = None if tensor.device.type == "cpu" else str(tensor.device)
    return Entry(dtype=name, shape=tuple(laid.shape), content=content), order, device


def tensor_of(entry: Entry, order: tuple[int, ...], device: str | None) -> torch.Tensor:
    """Returns the tensor anew, in memory that torch has laid out itself."""
    flat = torch.from_numpy(np.asarray(entry.content)).view(getattr(torch, entry.dtype))
    laid = flat.reshape(entry.shape)
    if order:
        laid = laid.permute(tuple(order.index(axis) for axis in range(len(order))))
    return laid.clone() if device is None else laid.to(device)


def module_state(module: torch.nn.Module) -> dict[str, object]:
    """Returns all that a module holds: also the buffers that its state_dict leaves out, and its flags."""
    saved = module.state_dict()
    return {
        "state_dict": dict(saved),
        "metadata": dict(getattr(saved, "_metadata", {})),
        "buffers": {name: buffer for name, buffer in _buffers(module) if name not in saved},
        "evaluating": [name for name, inner in module.named_modules() if not inner.training],
        "frozen": [name for name, parameter in module.named_parameters() if not parameter.requires_grad],
    }


def _buffers(module: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from module.named_buffers(remove_duplicate=False)


def put_module(module: torch.nn.Module, state: Mapping[str, object]) -> None:
    """Puts back what `module_state` gave."""
    saved = OrderedDict(cast(Mapping[str, object], state["state_dict"]))
    setattr(saved, "_metadata", state["metadata"])  # noqa: B010 (torch keeps the versions of modules there)
    module.load_state_dict(saved)
    for name, saved_buffer in cast(Mapping[str, torch.Tensor], state["buffers"]).items():
        owner, _, own = name.rpartition(".")
        buffer = module.get_submodule(owner).get_buffer(own)
        if (buffer.shape, buffer.dtype, buffer.device) == (
            saved_buffer.shape,
            saved_buffer.dtype,
            saved_buffer.device,
        ):
            buffer.detach().copy_(saved_buffer)
        else:
            module.get_submodule(owner)._buffers[own] = saved_buffer
    evaluating, frozen = (set(cast(list[str], state[key])) for key in ("evaluating", "frozen"))
    for name, inner in module.named_modules():
        inner.training = name not in evaluating
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(name not in frozen)


def random_state() -> dict[str, object]:
    """Returns the states of torch's global generators; those of GPUs where one was used."""
    gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    return {"cpu": torch.get_rng_state(), "cuda": gpus}


def put_random_state(state: Mapping[str, object]) -> None:
    """Puts back what `random_state` gave."""
    torch.set_rng_state(cast(torch.Tensor, state["cpu"]))
    if state["cuda"] is not None:
        torch.cuda.set_rng_state_all(cast(list[torch.Tensor], state["cuda"]))
