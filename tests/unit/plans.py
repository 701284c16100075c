"""Plans, builds and rows made of a few words, for tests of what is drawn from them."""

from collections.abc import Iterable

from verifier.bundle import Bundle
from verifier.derivation import Derivation, Output
from verifier.flake import Model
from verifier.rebuild.build import Build
from verifier.rebuild.plan import Plan
from verifier.verdict import Row, Status, Verdict

HASH = "0" * 32


def drv_path(name: str) -> str:
    return f"/nix/store/{HASH}-{name}.drv"


def derivation(name: str, below: Iterable[str] = ()) -> Derivation:
    """Returns the build `name` that reads the builds `below`."""
    return Derivation(
        path=drv_path(name),
        output=Output(path=f"/nix/store/{HASH}-{name}", fixed_sha256=None, recursive=False),
        input_derivations=tuple(map(drv_path, below)),
        input_sources=(),
    )


def make_plan() -> Plan:
    """Returns a plan: evaluate reads train and prepare, train reads prepare; alone stands by itself."""
    steps = {"prepare": "prepare", "train": "train", "evaluate": "evaluate"}
    model = Model(
        name="tiny",
        version="1.0.0",
        derivation=drv_path("tiny"),
        path=f"/nix/store/{HASH}-tiny",
        steps={step: drv_path(name) for step, name in steps.items()},
    )
    builds = (
        derivation("alone"),
        derivation("prepare"),
        derivation("train", ["prepare"]),
        derivation("evaluate", ["train", "alone"]),
    )
    return Plan(model=model, builds=builds, sources=())


def make_build(plan: Plan, origin: str = "built here", **hashes: str) -> Build:
    """Returns a build of `plan` in which every output has the hash `same` except those named."""
    found = {d.path: hashes.get(d.name, "same") for d in plan.builds}
    return Build(hashes=found, origins=dict.fromkeys(found, origin), resources={})


def make_bundle(
    name: str = "tiny", problems: tuple[str, ...] = (), store_paths: tuple[str, ...] = ()
) -> Bundle:
    return Bundle(
        name=name,
        version="1.0.0",
        identifier=f"{name}-1.0.0-0123456789ab",
        file_count=3,
        problems=problems,
        store_paths=store_paths,
    )


def make_row(status: Status = Status.PASSED, **fields: object) -> Row:
    return Row(**{"check": "rebuild", "subject": "train", "status": status, "detail": "because", **fields})  # type: ignore[arg-type]


def make_verdict(*rows: Row, **fields: object) -> Verdict:
    defaults = {"bundle": "tiny-1.0.0-0123456789ab", "path": f"/nix/store/{HASH}-tiny", "surroundings": ""}
    return Verdict(model="tiny", version="1.0.0", rows=rows, **{**defaults, **fields})  # type: ignore[arg-type]
