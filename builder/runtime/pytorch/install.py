"""Prepares torch the moment a script imports it, and not before: many scripts never do."""

import importlib.util
import multiprocessing
import sys
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from builder.runtime import threads
from builder.runtime.params import Params
from builder.runtime.pytorch.wrapping import after, inside
from builder.runtime.usage import usage


class _Watch(MetaPathFinder):
    """Waits until one module is loaded; whoever merely asks whether it exists gets the same answer as ever."""

    def __init__(self, module: str, then: Callable[[], None]) -> None:
        self._module = module
        self._then = then
        self._asking = False

    def find_spec(self, name: str, _path: object, _target: ModuleType | None = None) -> ModuleSpec | None:
        """Returns the spec of the module that is waited for, with a loader that tells; None for all others."""
        if name != self._module or self._asking:
            return None
        self._asking = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._asking = False
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_tell(module: ModuleType) -> None:
            load(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                self._then()

        spec.loader.exec_module = load_and_tell  # type: ignore[method-assign]
        return spec


def when_imported(module: str, then: Callable[[], None]) -> None:
    """Has `then` called right after the first import of `module`."""
    sys.meta_path.insert(0, _Watch(module, then))


def _in_the_scripts_process(count: int) -> None:
    # torch's own loader gives each of its workers one thread.
    if multiprocessing.parent_process() is None:
        threads.compare(count, "torch")


def prepare_torch(params: Params, *, guarded: bool, traced: bool) -> None:
    """Seeds torch, turns its deterministic algorithms on, and hooks the guard and the trace in."""
    import torch  # noqa: PLC0415 (a toolchain need not have torch)

    from builder.runtime.pytorch.guard import Guard  # noqa: PLC0415 (it imports torch)
    from builder.runtime.pytorch.recorder import Recorder  # noqa: PLC0415 (it imports torch)

    torch.manual_seed(params.seed)
    # The same as use_deterministic_algorithms(True), which would load the whole compiler at each start.
    torch.set_deterministic_debug_mode("error")
    torch.utils.deterministic.fill_uninitialized_memory = (
        False  # a third of the time, and for nothing on a CPU
    )
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    after(torch, "set_num_threads", before=_in_the_scripts_process)
    inside(torch.utils.data.dataloader._BaseDataLoaderIter, "__next__", usage.loading)
    if guarded:
        Guard(params.allowed).install()
    if traced:
        Recorder(params.device).install()
