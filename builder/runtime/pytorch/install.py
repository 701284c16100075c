"""Prepares torch the moment a script imports it, and not before: many scripts never do."""

import importlib.util
import sys
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from builder.runtime import threads
from builder.runtime.params import Params


class _Watch(MetaPathFinder):
    """Waits for the import of one module, once."""

    def __init__(self, module: str, then: Callable[[], None]) -> None:
        self._module = module
        self._then = then

    def find_spec(self, name: str, _path: object, _target: ModuleType | None = None) -> ModuleSpec | None:
        """Returns the spec of the module that is waited for, with a loader that tells; None for all others."""
        if name != self._module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_tell(module: ModuleType) -> None:
            load(module)
            self._then()

        spec.loader.exec_module = load_and_tell  # type: ignore[method-assign]
        return spec


def when_imported(module: str, then: Callable[[], None]) -> None:
    """Has `then` called right after the first import of `module`."""
    sys.meta_path.insert(0, _Watch(module, then))


def prepare_torch(params: Params, *, guarded: bool, traced: bool) -> None:
    """Seeds torch, turns its deterministic algorithms on, and hooks the guard and the trace in."""
    import torch  # noqa: PLC0415 (a toolchain need not have torch)

    from builder.runtime.pytorch.guard import Guard  # noqa: PLC0415 (it imports torch)
    from builder.runtime.pytorch.recorder import Recorder, after  # noqa: PLC0415 (it imports torch)

    torch.manual_seed(params.seed)
    # The same as use_deterministic_algorithms(True), which would load the whole compiler at each start.
    torch.set_deterministic_debug_mode("error")
    torch.utils.deterministic.fill_uninitialized_memory = (
        False  # a third of the time, and for nothing on a CPU
    )
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    after(torch, "set_num_threads", before=lambda count: threads.compare(count, "torch"))
    if guarded:
        Guard(params.allowed).install()
    if traced:
        Recorder(params.device).install()
