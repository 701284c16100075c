"""The machine itself: cores, processor, GPU, the folder of records, the clock."""

import ctypes
import tempfile
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from verifier.clock import rfc3339
from verifier.doctor.found import Found, State
from verifier.rebuild.folders import state_root
from verifier.rebuild.gpu import DRIVER, FEATURE, device_paths

SYSTEM = "x86_64"
# The levels of the x86-64 psABI, by the names that Linux gives their instruction sets.
LEVELS = (
    "cx16 lahf_lm pni popcnt sse4_1 sse4_2 ssse3",
    "abm avx avx2 bmi1 bmi2 f16c fma movbe xsave",
    "avx512bw avx512cd avx512dq avx512f avx512vl",
)
# What real processors of the kinds that variations emulate have; `cpu-max` is none.
KINDS = {
    "cpu-Nehalem": LEVELS[0],
    "cpu-Haswell": f"{LEVELS[0]} {LEVELS[1]}",
    "cpu-Opteron_G4": f"{LEVELS[0]} avx fma4 sse4a xop",
}
# Of this month is the verifier itself; a clock that says less is wrong.
WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)
UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
LIBRARY = "libcuda.so.1"
GPU_GUIDE = "docs/guides/gpu.md says how."


def describe_cores(present: int, allowed: int) -> Found:
    """Returns how many processor cores there are, and whether two builds can see different numbers of them."""
    if allowed > 1:
        words = f"{present}" if allowed == present else f"{allowed} of {present}"
        return Found(part="cores", state=State.OK, detail=f"{words}; the second build sees one")
    which = "there is one" if present == 1 else f"this process may run on one of {present}"
    detail = f"{which}: both builds run on it, one after the other, and see no other number"
    remedy = "Check on a machine with two cores, or let this process run on them (taskset, cpuset)."
    return Found(part="cores", state=State.LIMITED, detail=detail, remedy=remedy)


def describe_processor(system: str, cpuinfo: str) -> Found:
    """Returns what kind of processor this is, from the kernel's name for it and /proc/cpuinfo."""
    if system != SYSTEM:
        detail, remedy = f"{system}; models are built for {SYSTEM}", f"Check on a machine of {SYSTEM}."
        return Found(part="processor", state=State.MISSING, detail=detail, remedy=remedy, needed=True)
    fields = {}
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        fields[name.strip()] = value.strip()
    flags = set(fields.get("flags", "").split())
    level = 1 + next(
        (n for n, names in enumerate(LEVELS) if not flags.issuperset(names.split())), len(LEVELS)
    )
    natively = [kind for kind, names in KINDS.items() if flags.issuperset(names.split())]
    others = [
        f"{kind} (no {', '.join(sorted(set(names.split()) - flags))})"
        for kind, names in KINDS.items()
        if kind not in natively
    ]
    parts = [f"{fields.get('model name', 'of no name')}, x86-64-v{level}"]
    parts += [f"has the instructions of {', '.join(natively)}"] if natively else []
    parts += [f"lacks those of {', '.join(others)}"] if others else []
    state, remedy = _judged(level)
    return Found(part="processor", state=state, detail="; ".join(parts), remedy=remedy, needed=True)


def _judged(level: int) -> tuple[State, str]:
    if level == 1:
        return State.MISSING, "numpy's wheels need x86-64-v2: check on a processor made after 2009."
    if level == 2:
        return State.LIMITED, "Code for AVX2 runs here under emulation alone: check with --vary cpu-Haswell."
    return State.OK, ""


def describe_gpu(features: Collection[str], root: Path = Path("/")) -> Found:
    """Returns which GPUs there are, and whether a sandbox reaches them; `features` are what Nix offers."""
    nodes = [path for path in device_paths(root) if Path(path).name.removeprefix("nvidia").isdigit()]
    if not nodes:
        remedy = "None is needed but for a model with `device: cuda`; docs/guides/gpu.md."
        return Found(part="gpu", state=State.MISSING, detail="there is none of NVIDIA's", remedy=remedy)
    models = sorted({_model(file) for file in root.glob("proc/driver/nvidia/gpus/*/information")} - {""})
    name = f"{len(nodes)} × {', '.join(models)}" if models else ", ".join(nodes)
    if not (root / DRIVER.relative_to("/") / "lib" / LIBRARY).exists():
        detail = f"{name}; {DRIVER}/lib lacks the driver's {LIBRARY}"
        remedy = f"Copy the driver's libraries there: {GPU_GUIDE}"
    elif FEATURE not in features:
        detail = f"{name}; Nix does not offer {FEATURE}"
        remedy = f"Set `extra-system-features = {FEATURE}` in nix.conf: {GPU_GUIDE}"
    else:
        return Found(part="gpu", state=State.OK, detail=f"{name}; Nix offers {FEATURE}")
    return Found(part="gpu", state=State.LIMITED, detail=detail, remedy=remedy)


def _model(information: Path) -> str:
    lines = information.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("Model:")), "")


def try_state_folder() -> Found:
    """Writes into the folder of records and kept differences."""
    folder = state_root()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"trial")
    return Found(part="state folder", state=State.OK, detail=f"{folder} can be written", needed=True)


def describe_clock(now: datetime, synchronised: bool) -> Found:
    """Returns whether the clock can be right."""
    said = f"{rfc3339(now)} (UTC)"
    if now < WRITTEN:
        detail, remedy = f"{said}, before this verifier was written", "Set the clock."
    elif not synchronised:
        detail = f"{said}, and nothing keeps the kernel's clock in step"
        remedy = "Run a time service, such as chrony: ages and validity are judged by this clock."
    else:
        return Found(part="clock", state=State.OK, detail=f"{said}, kept in step")
    return Found(part="clock", state=State.LIMITED, detail=detail, remedy=remedy)


def is_synchronised() -> bool:
    """Returns whether the kernel takes its clock to be in step with others, by adjtimex(2)."""
    unchanged = ctypes.create_string_buffer(512)  # a struct timex whose `modes` ask for no change
    return int(ctypes.CDLL(None).adjtimex(unchanged)) not in (-1, UNSYNCHRONISED)
