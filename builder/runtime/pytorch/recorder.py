"""Writes the trace of an unchanged torch script: hooks on the loader, the model, the loss and the optimiser."""

import functools
import math
from collections.abc import Callable, Iterator, Mapping

import torch
from torch.optim import lr_scheduler
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.utils.data import dataloader

from builder.runtime import threads, trace
from builder.runtime.failure import Refused

Function = Callable[..., object]  # type: ignore[explicit-any]  # whatever torch's functions take
SCALAR = (bool, int, float, str)
FEW = 8


class Recorder:
    """What was seen since the last step of an optimiser; `device` is the declared one."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._batch: str | None = None
        self._losses: list[torch.Tensor] = []
        self._gradient_norm = 0.0
        self._norm_before_clipping: torch.Tensor | None = None
        self._from_loader = False
        self._model: torch.nn.Module | None = None
        self._known: set[int] = set()
        self._optimisers: list[torch.optim.Optimizer] = []
        self._hook: torch.utils.hooks.RemovableHandle | None = None

    def install(self) -> None:
        """Hooks into torch; nothing is written before the first step of an optimiser."""
        register_optimizer_step_pre_hook(self._before_step)
        register_optimizer_step_post_hook(self._after_step)
        self._watch_model()
        after(torch.autograd, "backward", before=self._saw_loss)
        after(dataloader._BaseDataLoaderIter, "__init__", then=self._saw_loader)
        after(dataloader._BaseDataLoaderIter, "__next__", then=self._saw_batch)
        after(lr_scheduler.LRScheduler, "__init__", then=self._saw_schedule)
        for name in ("clip_grad_norm_", "clip_grad_value_"):
            wrapped = after(torch.nn.utils.clip_grad, name, then=functools.partial(self._saw_clipping, name))
            setattr(torch.nn.utils, name, wrapped)

    def _watch_model(self) -> None:
        """Has the next call of a module seen: the first after a step is the whole model."""
        register = torch.nn.modules.module.register_module_forward_pre_hook
        self._hook = register(self._saw_call)

    def _saw_call(self, module: torch.nn.Module, inputs: tuple[object, ...]) -> None:
        if not (module.training and torch.is_grad_enabled()) or self._hook is None:
            return
        self._hook.remove()  # so that all other calls cost nothing
        self._hook = None
        self._model = module
        if not self._from_loader:
            self._batch = trace.digest_of(inputs)

    def _saw_loss(self, tensors: object, *_: object, **__: object) -> None:
        for tensor in tensors if isinstance(tensors, (list, tuple)) else [tensors]:
            if isinstance(tensor, torch.Tensor) and tensor.numel() == 1:
                self._losses.append(tensor.detach().reshape(()))

    def _saw_loader(self, _iterator: object, loader: torch.utils.data.DataLoader[object], *_: object) -> None:
        sampler = loader.sampler
        trace_decision(
            "loader",
            batch_size=loader.batch_size,
            drop_last=loader.drop_last,
            sampler=type(sampler).__qualname__,
            workers=loader.num_workers,
        )

    def _saw_batch(self, _iterator: object, *, result: object = None) -> None:
        self._batch, self._from_loader = trace.digest_of(result), True

    def _saw_schedule(self, schedule: object, *_: object, **__: object) -> None:
        trace_decision("schedule", name=type(schedule).__qualname__, **scalars(vars(schedule)))

    def _saw_clipping(
        self, name: str, *arguments: object, result: torch.Tensor | None = None, **keywords: object
    ) -> None:
        given = {"bound": arguments[1], **keywords} if len(arguments) > 1 else keywords
        trace_decision("clipping", name=name, **scalars(given))
        self._norm_before_clipping = result  # after it, the norm is the bound more often than not

    def _before_step(self, optimiser: torch.optim.Optimizer, *_: object) -> None:
        if trace.written_by_hand():
            return
        if id(optimiser) not in self._known:
            self._meet(optimiser)
        log = trace.open_trace()
        if log.step == 0 and log.wants_tensors():
            log.tensors(self._named_tensors())
        if self._norm_before_clipping is None:
            self._gradient_norm = norm(p.grad for p in parameters(optimiser) if p.grad is not None)
        else:
            self._gradient_norm = float(self._norm_before_clipping)

    def _meet(self, optimiser: torch.optim.Optimizer) -> None:
        self._known.add(id(optimiser))
        self._optimisers.append(optimiser)
        if len(self._known) == 1:
            trace.before_close(self._note)
        threads.compare(torch.get_num_threads(), "torch")
        threads.check()
        devices = {p.device.type for p in parameters(optimiser)}
        if devices - {self._device}:
            raise Refused(
                f"trains on {', '.join(sorted(devices))}, declared is {self._device}",
                advice="Place the model on the device that params.yaml declares, or declare this one.",
            )
        trace_decision(
            "optimiser",
            name=type(optimiser).__qualname__,
            parameters=sum(p.numel() for p in parameters(optimiser)),
            **scalars(optimiser.defaults),
        )
        trace_decision(
            "torch", version=torch.__version__, threads=torch.get_num_threads(), device=self._device
        )

    def _after_step(self, optimiser: torch.optim.Optimizer, *_: object) -> None:
        if trace.written_by_hand():
            return
        log = trace.open_trace()
        log.record(
            batch=self._batch,
            loss=math.fsum(float(loss) for loss in self._losses) if self._losses else None,
            learning_rate=float(optimiser.param_groups[0]["lr"]),
            gradient_norm=self._gradient_norm,
        )
        self._losses.clear()
        if log.wants_tensors():
            log.tensors(self._named_tensors())
        self._batch, self._from_loader, self._norm_before_clipping = None, False, None
        if self._hook is None:
            self._watch_model()
        trace.stop_if_finished()

    def _note(self) -> None:
        log = trace.open_trace()
        if log.noted != log.step:
            log.tensors(self._named_tensors())

    def _named_tensors(self) -> Iterator[tuple[str, torch.Tensor]]:
        """Yields weights, buffers and what the optimisers remember."""
        model = self._model
        named = {} if model is None else {**dict(model.named_parameters()), **dict(model.named_buffers())}
        names = {id(tensor): name for name, tensor in named.items()}
        yield from named.items()
        for number, optimiser in enumerate(self._optimisers):
            for index, parameter in enumerate(parameters(optimiser)):
                name = names.get(id(parameter), f"optimiser{number}.{index}")
                if id(parameter) not in names:
                    yield name, parameter
                for key, value in optimiser.state.get(parameter, {}).items():
                    if isinstance(value, torch.Tensor):
                        yield f"{name}:optimiser{number}.{key}", value


def after(
    owner: object, attribute: str, *, then: Function | None = None, before: Function | None = None
) -> Function:
    """Wraps a function of torch's: `before` hears of its arguments, `then` of them and of its result."""
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


def trace_decision(what: str, **value: object) -> None:
    """Records a decision in the trace."""
    trace.open_trace().decide(what, value)


def scalars(values: Mapping[str, object]) -> dict[str, object]:
    """Returns those of `values` that are plain words, numbers or a few of them, under names not private."""
    public = {name: value for name, value in values.items() if not name.startswith("_")}
    lists = {k: list(v) for k, v in public.items() if isinstance(v, (list, tuple)) and len(v) <= FEW}
    return {
        **{name: value for name, value in public.items() if isinstance(value, SCALAR)},
        **{name: items for name, items in lists.items() if all(isinstance(item, SCALAR) for item in items)},
    }


def parameters(optimiser: torch.optim.Optimizer) -> Iterator[torch.Tensor]:
    """Yields every parameter of an optimiser, in its order."""
    for group in optimiser.param_groups:
        yield from group["params"]


def norm(gradients: Iterator[torch.Tensor]) -> float:
    """Returns the Euclidean norm of all gradients: each one's norm is torch's, their sum is in binary64."""
    dense = [g.coalesce().values() if g.is_sparse else g for g in gradients]
    if not dense:
        return 0.0
    norms = torch.stack([n.double() for n in torch._foreach_norm(dense)]).tolist()
    return math.sqrt(math.fsum(value * value for value in norms))
