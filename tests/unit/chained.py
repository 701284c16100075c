"""A plan whose training is cut into chunks, and what workers said of its pieces."""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from tests.unit.plans import HASH, derivation, drv_path
from verifier.chain.pieces import Piece, pieces_of
from verifier.flake import Model
from verifier.rebuild.plan import Plan


def chained_plan(count: int = 3, lengths: Mapping[int, int] | None = None, **below: list[str]) -> Plan:
    """Returns the plan of a training in `count` chunks; `below` changes what a build reads, `_` for `-`."""
    names = [f"train-{number}" for number in range(1, count + 1)]
    reads = {"prepare": ["toolchain"], **{name: ["prepare"] for name in names}}
    for before, name in pairwise(names):
        reads[name] = ["prepare", before]
    reads |= {"train": ["prepare", *names], "evaluate": ["prepare", "train"]}
    reads["tiny"] = ["toolchain", "prepare", "train", "evaluate"]
    reads |= {name.replace("_", "-"): wanted for name, wanted in below.items()}
    builds = [derivation("toolchain"), *(derivation(name, wanted) for name, wanted in reads.items())]
    ends = dict(_ends(lengths or {}))
    builds = [_asked(build, ends) for build in builds]
    steps = {step: drv_path(step) for step in ("toolchain", "prepare", "train", "evaluate")}
    model = Model(
        name="tiny",
        version="1.0.0",
        derivation=drv_path("tiny"),
        path=f"/nix/store/{HASH}-tiny",
        steps=steps | {"package": drv_path("tiny")},
        chunks=tuple(map(drv_path, names)),
    )
    return Plan(model=model, builds=tuple(builds), sources=())


def _ends(lengths: Mapping[int, int]):
    end = 0
    for number, length in lengths.items():
        yield f"train-{number}", {"number": number, "from": end + 1, "to": end + length}
        end += length


def _asked(build, ends):
    if build.name not in ends:
        return build
    return replace(build, environment={"SAMEBITS_STEP": json.dumps({"chunk": ends[build.name]})})


def piece(name: str, count: int = 3) -> Piece:
    """Returns one of the pieces of such a plan."""
    return next(one for one in pieces_of(chained_plan(count)) if one.name == name)
