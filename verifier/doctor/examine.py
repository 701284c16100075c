"""Looks at every part of the machine, one after the other; what one part lacks never keeps from the next."""

import os
import platform
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from verifier import nix_trials
from verifier.clock import now
from verifier.doctor.builds import (
    find_emulator,
    find_nix,
    try_machine_store,
    try_namespaces,
    try_second_store,
)
from verifier.doctor.clients import CLIENTS, find_client, find_driver
from verifier.doctor.found import Found, State
from verifier.doctor.machine import (
    describe_clock,
    describe_cores,
    describe_gpu,
    describe_processor,
    is_synchronised,
    try_state_folder,
)
from verifier.errors import VerifierError
from verifier.nix import INSTALL

CPUINFO = Path("/proc/cpuinfo")
HOME = "Set HOME, or XDG_STATE_HOME and XDG_CACHE_HOME, to a folder that you may write."
FIRST = "First what helps nix."
BY_HAND = "Correct the permissions, then run it again."
# What needs Nix: the part, whether every check needs it, how it is looked at, and what helps if a file lacks.
WITH_NIX: tuple[tuple[str, bool, Callable[[], Found], str], ...] = (
    ("sandbox", True, try_machine_store, INSTALL),
    ("second store", True, try_second_store, HOME),
    ("namespaces", False, try_namespaces, HOME),
    ("emulation", False, find_emulator, INSTALL),
)


def examine() -> Iterator[Found]:
    """Yields what is found of each part."""
    nix = _guarded("nix", True, find_nix, INSTALL)
    yield nix
    there = nix.state is not State.MISSING
    for part, needed, look, remedy in WITH_NIX:
        yield _guarded(part, needed, look if there else partial(_not_tried, part, needed), remedy)
    yield _guarded("state folder", True, try_state_folder, HOME)
    yield _guarded("cores", False, _cores)
    yield _guarded("processor", True, _processor)
    yield _guarded("gpu", False, partial(_gpu, there))
    for client in CLIENTS:
        yield find_client(client)
    yield find_driver()
    yield _guarded("clock", False, lambda: describe_clock(now(), is_synchronised()))


def _not_tried(part: str, needed: bool) -> Found:
    detail = "not tried without Nix"
    return Found(part=part, state=State.MISSING, detail=detail, remedy=FIRST, needed=needed)


def _guarded(part: str, needed: bool, look: Callable[[], Found], remedy: str = BY_HAND) -> Found:
    try:
        return look()
    except VerifierError as error:
        detail, remedy = error.sentence, error.advice
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        detail = f"{where}{error.strerror or error}"
    except RuntimeError as error:  # so Path.home() says that there is none
        detail = str(error)
    return Found(part=part, state=State.MISSING, detail=detail, remedy=remedy, needed=needed)


def _cores() -> Found:
    return describe_cores(os.cpu_count() or 1, len(os.sched_getaffinity(0)))


def _processor() -> Found:
    return describe_processor(platform.machine(), CPUINFO.read_text(encoding="utf-8", errors="replace"))


def _gpu(with_nix: bool) -> Found:
    return describe_gpu(nix_trials.system_features() if with_nix else ())
