"""What a rebuilder can say of its own store: that it built a bundle there itself, step by step, and what came out.

1. The derivation's text gives its name, and so do those below it; their steps are what the bundle's own names.
2. Every step's output is in this store and was built in it, as Nix took it down: neither copied there nor changed.
3. The bundle is read as a gate reads it, and hashed; so is every step.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from verifier import nix
from verifier.clock import rfc3339
from verifier.derivation import Derivation, closure
from verifier.errors import BadInput, CouldNotCheck
from verifier.flake import STORE_PATH
from verifier.nar import nar_sha256
from verifier.nix import Store
from verifier.nix_paths import info_of
from verifier.rebuild.plan import read_derivation
from verifier.signing.contents import read_contents
from verifier.signing.provenance import STEPS, provenance
from verifier.signing.statement import Statement
from verifier.verdict import BUILT, REBUILD, Status

STEP = "SAMEBITS_STEP"
REMOVE = "Remove it (nix-store --delete {}), and have it built here."
GIVE = "Name the derivation of a bundle that mkModel made, as `verifier check --json` says it."


def attest(derivation: str, store: Store, builder: str) -> Statement:
    """Returns the provenance of a bundle that this store has built; `builder` is the URI of who did.

    Raises:
        BadInput: it is no derivation of a bundle, or not in this store.
        CouldNotCheck: the store has not built it itself, or cannot be read.
        Refused: what it built is no bundle.
    """
    if not STORE_PATH.fullmatch(derivation) or not derivation.endswith(".drv"):
        raise BadInput(f"{derivation!r} is no derivation", advice=GIVE)
    steps = _steps(closure(derivation, lambda path: read_derivation(store, path)))
    lacking = nix.invalid(store, list(steps.values()))
    if lacking:
        raise CouldNotCheck(f"this store has no {sorted(lacking)[0]}", advice="Have it built here first.")
    known = info_of(store, list(steps.values()))
    for step, path in steps.items():
        if not known[path].built_here:
            what = f"the output of {step} was not built in this store, but copied to it"
            raise CouldNotCheck(
                what, advice=f"Remove it (nix-store --delete {path}), and have it built here."
            )
    hashes = {step: nar_sha256(store.physical(path)) for step, path in steps.items()}
    registered = nix.registered_sha256(store, list(steps.values()))
    for step, path in steps.items():
        if hashes[step] != registered[path]:
            raise CouldNotCheck(
                f"the output of {step} was changed after it was built", advice=REMOVE.format(path)
            )
    contents = read_contents(store.physical(steps["package"]))
    times = [known[path].registered for path in steps.values()]
    built = {"started": _time(min(times)), "finished": _time(max(times)), "nix": nix.version()}
    rows = [
        {
            **{"check": REBUILD, "subject": step, "status": str(Status.PASSED), "first": BUILT},
            "first_sha256": sha256,
        }
        for step, sha256 in hashes.items()
    ]
    origin = {"derivation": derivation, "flake": derivation, "revision": None, "first": built}
    return provenance(contents, {"origin": origin, "rows": rows}, "first", builder)


def _time(seconds: int) -> str:
    return rfc3339(datetime.fromtimestamp(seconds, tz=UTC))


def _steps(found: list[Derivation]) -> Mapping[str, str]:
    """Returns the outputs of the steps by name, as the bundle's derivation and those below it have them."""
    package = found[-1]
    outputs = {one.output.path for one in found}
    try:
        said = json.loads(package.environment.get(STEP, ""))
        inputs = dict(said["inputs"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{package.path} is no derivation of a bundle", advice=GIVE) from error
    steps = {step: inputs.get(step) for step in STEPS[:-1]} | {"package": package.output.path}
    # `evaluate` reads the training; the bundle's own derivation need not.
    if not all(isinstance(path, str) and path in outputs for path in steps.values()):
        raise BadInput(f"{package.path} does not say which steps it is made of", advice=GIVE)
    return {step: str(path) for step, path in steps.items()} | _chunks(str(steps["train"]), found)


def _chunks(train: str, found: list[Derivation]) -> dict[str, str]:
    """Returns the outputs that a training was joined from, by name; nothing where it is in one piece."""
    (joined,) = [one for one in found if one.output.path == train]
    try:
        pieces = [str(path) for path in json.loads(joined.environment.get(STEP, "")).get("pieces", [])]
    except (ValueError, AttributeError, TypeError) as error:
        raise BadInput(f"{joined.path} is no derivation of a training", advice=GIVE) from error
    read = {one.output.path for one in found if one.path in joined.input_derivations}
    if not set(pieces) <= read:
        raise BadInput(f"{joined.path} joins what it does not read", advice=GIVE)
    return {f"train-{number}": path for number, path in enumerate(pieces, start=1)}
