"""Writes the trace of an unchanged torch script: hooks on the loader, the model, the loss and the optimiser."""

import functools
from collections.abc import Mapping, Sequence

import torch
from torch.optim import lr_scheduler
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.utils.data import dataloader

from builder.runtime import threads
from builder.runtime.digests import digest_of
from builder.runtime.failure import Refused
from builder.runtime.pytorch.names import Known, gradient_norm, learning_rate, parameters, settings
from builder.runtime.pytorch.remembered import meet_again, remember
from builder.runtime.pytorch.wrapping import after
from builder.runtime.running import running
from builder.runtime.usage import most, rows_of, usage

DROP_GRADIENTS = "Call optimizer.zero_grad() first thing in a step; save after whole updates of the weights."
# Each has an __init__ of its own that does not call LRScheduler's.
SCHEDULES = ("LRScheduler", "ReduceLROnPlateau", "SequentialLR", "ChainedScheduler")


class Recorder:
    """What was seen since the last step of an optimiser; `device` is the declared one."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._known = Known()
        self._noting = False
        self._others_gradients = False  # a chunk before left gradients, of which the parameters have none
        self._hook: torch.utils.hooks.RemovableHandle | None = None
        self._forget()

    def _forget(self) -> None:
        self._batch: str | None = None
        self._call: str | None = None
        self._rows: int | None = None
        self._forget_gradients()

    def _forget_gradients(self, *_: object, **__: object) -> None:
        """What was seen of a loss is not for the next step: the script has dropped its gradients."""
        self._others_gradients = False
        self._loss: torch.Tensor | None = None
        self._last_loss: torch.Tensor | None = None
        self._clipped: list[torch.Tensor] = []
        self._norm: float | None = None

    def install(self) -> None:
        """Hooks into torch; the trace begins with the first decision, or the first step of an optimiser."""
        register_optimizer_step_pre_hook(self._before_step)
        register_optimizer_step_post_hook(self._after_step)
        running.recorder = self
        self._watch_model()
        after(torch.autograd, "backward", before=self._saw_loss)
        after(torch.optim.Optimizer, "zero_grad", then=self._forget_gradients)
        after(torch.nn.Module, "zero_grad", then=self._forget_gradients)
        after(dataloader._BaseDataLoaderIter, "__init__", then=self._saw_loader)
        after(dataloader._BaseDataLoaderIter, "__next__", then=self._saw_batch)
        for name in SCHEDULES:
            after(getattr(lr_scheduler, name), "__init__", then=self._saw_schedule)
        for name in ("clip_grad_norm_", "clip_grad_value_"):
            wrapped = after(torch.nn.utils.clip_grad, name, then=functools.partial(self._saw_clipping, name))
            setattr(torch.nn.utils, name, wrapped)

    def _watch_model(self) -> None:
        """Has the next call of a module seen: the first after a step is of a whole model."""
        register = torch.nn.modules.module.register_module_forward_pre_hook
        self._hook = register(self._saw_call)

    def _saw_call(self, module: torch.nn.Module, inputs: tuple[object, ...]) -> None:
        if not (module.training and torch.is_grad_enabled()) or self._hook is None:
            return
        self._hook.remove()  # so that all other calls cost nothing
        self._hook = None
        self._known.meet_model(module)
        self._call = digest_of(inputs) if inputs else None
        if self._batch is None:
            self._rows = rows_of(inputs)

    def _saw_loss(self, tensors: object, *_: object, **__: object) -> None:
        if self._others_gradients:
            raise Refused(
                "adds to gradients of the chunk before, which no checkpoint holds", advice=DROP_GRADIENTS
            )
        for tensor in tensors if isinstance(tensors, (list, tuple)) else [tensors]:
            if isinstance(tensor, torch.Tensor) and tensor.numel() == 1:
                self._last_loss = tensor.detach().reshape(()).double()
                self._loss = self._last_loss if self._loss is None else self._loss + self._last_loss

    def _saw_loader(self, _iterator: object, loader: torch.utils.data.DataLoader[object], *_: object) -> None:
        plain = {
            "batch_size": loader.batch_size,
            "drop_last": loader.drop_last,
            "workers": loader.num_workers,
        }
        self._decide("loader", sampler=type(loader.sampler).__qualname__, **plain)

    def _saw_batch(self, _iterator: object, *, result: object = None) -> None:
        if torch.is_grad_enabled() and not running.skipping:  # else it is looked at, not learnt from
            digest = digest_of(result)
            self._rows = most(self._rows, rows_of(result))
            self._batch = digest if self._batch is None else digest_of([self._batch, digest])

    def _saw_schedule(self, schedule: object, *_: object, **__: object) -> None:
        self._decide("schedule", name=type(schedule).__qualname__, **settings(vars(schedule)))

    def _saw_clipping(
        self, name: str, *arguments: object, result: torch.Tensor | None = None, **keywords: object
    ) -> None:
        given = {"bound": arguments[1], **keywords} if len(arguments) > 1 else keywords
        self._decide("clipping", name=name, **settings(given))
        self._clipped += [result] if result is not None else []

    def _before_step(
        self, optimiser: torch.optim.Optimizer, arguments: Sequence[object], keywords: Mapping[str, object]
    ) -> None:
        if running.by_hand:
            return
        if self._known.meet_optimiser(optimiser):
            self._check(optimiser)
        log = running.trace()
        if log.step == 0 and log.wants_tensors():
            log.tensors(self._known.tensors())
        closure = keywords.get("closure") or (arguments[1] if len(arguments) > 1 else None)
        if closure is None:
            # After clipping, the norm is the bound more often than not.
            self._norm = float(self._clipped[0]) if len(self._clipped) == 1 else gradient_norm(optimiser)

    def _check(self, optimiser: torch.optim.Optimizer) -> None:
        if not self._noting:
            running.note_at_end(self._note)
            self._noting = True
        threads.compare(torch.get_num_threads(), "torch")
        threads.check()
        devices = {p.device.type for p in parameters(optimiser)}
        if devices - {self._device}:
            raise Refused(
                f"trains on {', '.join(sorted(devices))}, declared is {self._device}",
                advice="Place the model on the device that params.yaml declares, or declare this one.",
            )
        count = sum(p.numel() for p in parameters(optimiser))
        name = type(optimiser).__qualname__
        self._decide("optimiser", name=name, parameters=count, **settings(optimiser.defaults))
        used = {"threads": torch.get_num_threads(), "device": self._device}
        self._decide("torch", version=torch.__version__, **used)

    def remember(self, objects: Mapping[str, object]) -> dict[str, object]:
        """Returns which of the objects are the models and optimisers that were met, and which have gradients.

        Raises:
            Refused: one of them is not among the objects, so that its state would be lost.
        """
        return remember(self._known, objects)

    def go_on(self, remembered: Mapping[str, object], objects: Mapping[str, object]) -> None:
        """Meets the objects in the order in which the chunk before met them."""
        self._others_gradients = meet_again(self._known, remembered, objects)
        for optimiser in self._known.optimisers():
            self._check(optimiser)

    def _after_step(self, optimiser: torch.optim.Optimizer, *_: object) -> None:
        if running.by_hand:
            return
        found_inf = getattr(optimiser, "found_inf", None)
        if found_inf is None or not float(found_inf):  # else a GradScaler made this no step
            self._record(optimiser)
        self._forget()
        if self._hook is None:
            self._watch_model()

    def _record(self, optimiser: torch.optim.Optimizer) -> None:
        # A closure is evaluated inside the step, often more than once; its last loss counts.
        loss = self._loss if self._norm is not None else self._last_loss
        usage.saw_batch(self._rows)
        log = running.trace()
        log.record(
            batch=self._batch or self._call,
            loss=None if loss is None else float(loss),
            learning_rate=learning_rate(optimiser),
            gradient_norm=gradient_norm(optimiser) if self._norm is None else self._norm,
        )
        if log.wants_tensors():
            log.tensors(self._known.tensors())
        running.stop_if_finished()

    def _note(self) -> None:
        log = running.trace()
        if log.noted != log.step:
            log.tensors(self._known.tensors())

    def _decide(self, what: str, **value: object) -> None:
        if not running.by_hand:
            running.trace().decide(what, value)
