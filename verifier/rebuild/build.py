"""One build of a plan in one store: where each output came from, its hash by our own reading, what it used."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from verifier import nix
from verifier.errors import BadInput, CouldNotCheck, VerifierError
from verifier.nar import nar_sha256
from verifier.nix import Store
from verifier.nix_paths import nar_sha256_in
from verifier.nixlog import Event, Log, plain
from verifier.rebuild.plan import Plan
from verifier.verdict import BUILT, PRESENT, SUBSTITUTED, Times

MEASURED = (
    *("wall_seconds", "cpu_seconds", "peak_memory_bytes"),  # by the launcher
    *("gpu_memory_bytes", "data_loading_seconds", "threads", "batch_rows"),  # by the script's own process
)
# Of a training in chunks these are added up; of the others the greatest counts.
ADDED = ("wall_seconds", "cpu_seconds", "data_loading_seconds")
# No machine has used more of anything; a log may say Infinity, and integers of any length.
MOST = 1e18
DEVICES = ("cpu", "cuda")
NO_ROOM = ("No space left on device", "Disk quota exceeded")
# Nix 2.8 and 2.26 say it in other words around these.
NO_FEATURE = re.compile(r"with features \{([^}]*)\}")
SANDBOX_ADVICE = "Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1), or run as root."
NO_SANDBOX = ("unable to start build process", "required for sandboxing", "does not support the kernel")


@dataclass(frozen=True, kw_only=True)
class Build:
    """The outputs of all builds of a plan, by derivation: NAR sha256, origin, resources of steps by name."""

    hashes: dict[str, str]
    origins: dict[str, str]
    # Derivations whose output is no longer what the store took down when it was built.
    altered: frozenset[str] = frozenset()
    # When Nix began and ended; nothing where there was nothing to build.
    times: Times | None = None
    resources: dict[str, dict[str, object]]


def build(plan: Plan, store: Store, listen: Callable[[Event], None]) -> Build:
    """Builds what `store` lacks of the plan and hashes every output.

    Raises:
        BuildFailed: a build has no output.
    """
    outputs = {d.path: d.output.path for d in plan.builds}
    lacking = nix.invalid(store, list(outputs.values()))
    # All of them by name: a step can be absent although the bundle that was made from it is still there.
    wanted = [path for path, out in outputs.items() if out in lacking]
    started = _now()
    log = nix.realise(wanted, store, listen) if wanted else Log()
    finished = _now()
    registered = nix.registered_sha256(store, list(outputs.values()))
    hashes = _hashes(plan, store, outputs, registered)
    return Build(
        hashes=hashes,
        altered=frozenset(path for path, out in outputs.items() if registered[out] != hashes[path]),
        origins={path: _origin(out, lacking, log) for path, out in outputs.items()},
        times=Times(started=started, finished=finished, nix=nix.version(store.programs)) if wanted else None,
        resources=resources_of(plan, log),
    )


def _hashes(
    plan: Plan, store: Store, outputs: Mapping[str, str], registered: Mapping[str, str]
) -> dict[str, str]:
    """Returns the NAR sha256 of every output, by derivation.

    What lies on another machine is hashed as it is sent; of all but the steps that machine's word is taken.
    """
    if store.uri is None:
        return {path: nar_sha256(store.physical(out)) for path, out in outputs.items()}
    steps = {*plan.model.steps.values(), *plan.model.chunks} - {plan.model.steps["toolchain"]}
    return {
        path: nar_sha256_in(store, out) if path in steps else registered[out] for path, out in outputs.items()
    }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _origin(output: str, lacking: set[str], log: Log) -> str:
    if output not in lacking:
        return PRESENT
    return SUBSTITUTED if output in log.substituted else BUILT


def resources_of(plan: Plan, log: Log) -> dict[str, dict[str, object]]:
    """Returns the last word about each step; the launcher's comes after what the script printed."""
    used: dict[str, dict[str, object]] = {}
    for event in log.events:
        if event.kind in ("usage", "resources"):
            step = used.setdefault(plan.label(event.derivation), {})
            step |= {name: event.fields[name] for name in MEASURED if _is_number(event.fields.get(name))}
            if event.fields.get("device") in DEVICES:
                step["device"] = event.fields["device"]
    return used | _of_training(used, list(plan.chunks().values()))


def _of_training(
    used: Mapping[str, Mapping[str, object]], chunks: Sequence[str]
) -> dict[str, dict[str, object]]:
    """Returns what the training used where it is cut into chunks and every one of them was built now."""
    parts = [used[chunk] for chunk in chunks if chunk in used]
    if not chunks or len(parts) != len(chunks):
        return {}
    whole: dict[str, object] = {}
    for name in MEASURED:
        numbers = [cast(float, part[name]) for part in parts if name in part]
        if numbers:
            whole[name] = round(math.fsum(numbers), 6) if name in ADDED else max(numbers)
    devices = {part["device"] for part in parts if "device" in part}
    return {"train": whole | ({"device": "cuda" if "cuda" in devices else "cpu"} if devices else {})}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST


def explain_failure(plan: Plan, log: Log, derivation: str | None = None) -> VerifierError:
    """Returns why a build, the last that started, failed; as the person who can mend it should read it."""
    said = log.error_event(derivation)
    if said is not None:
        error = CouldNotCheck if said.fields.get("kind") == "environment" else BadInput
        sentence, advice = (plain(str(said.fields.get(k))) for k in ("sentence", "advice"))
        step = plan.chunks().get(said.derivation) or plain(str(said.fields.get("step")))
        log_hint = f" Its log: nix-store --read-log {said.derivation}"
        return error(f"step {step} of {plan.model.name}: {sentence}", advice=advice + log_hint)
    everything = "\n".join([*log.errors, *(line for tail in log.tails.values() for line in tail)])
    if any(words in everything for words in NO_ROOM):
        return CouldNotCheck(
            f"the disk is full: {plan.model.name} could not be built",
            advice="Make room on the disk that holds the store, then run it again; what was built is kept.",
        )
    if any(words in everything for words in NO_SANDBOX):
        return CouldNotCheck(
            f"Nix cannot sandbox builds here: {_last(log.errors)}",
            advice=SANDBOX_ADVICE,
        )
    feature = NO_FEATURE.search(everything)
    if feature is not None and not log.tails:
        return _lacks_feature(plan, feature[1].strip())
    return _unexplained(plan, log, derivation)


def _lacks_feature(plan: Plan, features: str) -> VerifierError:
    settings = (
        "`extra-system-features = cuda`" if features == "cuda" else f"`system-features` with {features}"
    )
    return CouldNotCheck(
        f"{plan.model.name} needs a builder that offers {features}, and none here does",
        advice=f"Set {settings} in nix.conf of a machine with such a device, or declare `device: cpu` in "
        "params.yaml; docs/guides/gpu.md says how.",
    )


def _unexplained(plan: Plan, log: Log, derivation: str | None) -> VerifierError:
    failed = derivation or (log.started[-1] if log.started else plan.model.derivation)
    step, advice = plan.label(failed), f"The whole log: nix-store --read-log {failed}"
    if any("signal" in line for line in log.errors):
        return CouldNotCheck(
            f"step {step} of {plan.model.name} was killed: {_last(log.errors)}", advice=advice
        )
    tail = [line for line in log.tails.get(failed, ()) if line.strip()]
    stated = [line for line in tail if line.startswith("error: ")] or tail
    reason = stated[-1].removeprefix("error: ") if stated else _last(log.errors)
    return BadInput(f"step {step} of {plan.model.name} failed: {reason}", advice=advice)


def _last(lines: list[str]) -> str:
    first = [line.splitlines()[0].removeprefix("error: ") for line in lines if line.strip()]
    return first[0] if first else "Nix said nothing"
