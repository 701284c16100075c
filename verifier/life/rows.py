"""All rows on the life of an artefact: what is asked of a bundle beyond being built twice."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from verifier.errors import VerifierError
from verifier.life.answers import inference_rows
from verifier.life.data import data_row
from verifier.life.packaging import licences_row, times_row
from verifier.life.proofs import FIDELITY, INFERENCE, Proof, proofs_of, run_proof
from verifier.life.replay import replay_rows
from verifier.life.weights import fidelity_row
from verifier.nix import Store
from verifier.nixlog import Event
from verifier.rebuild.plan import Plan
from verifier.release.expected import Expected
from verifier.verdict import BITWISE, Row

Json = Mapping[str, object]


def life_rows(
    plan: Plan,
    store: Store,
    flake: str,
    expected: Expected,
    rebuilt: Sequence[Row],
    level: str,
    listen: Callable[[Event], None],
) -> list[Row]:
    """Returns the rows for the bundle of `plan` in `store`, which was read and is in order.

    Raises:
        BadInput: the flake offers something else as a proof.
    """
    bundle = store.physical(plan.model.path)
    toolchain, data = (_document(bundle / f"{name}.json") for name in ("toolchain", "data"))
    proofs = proofs_of(flake, plan, store)

    def proven(name: str) -> Path | VerifierError | None:
        proof: Proof | None = proofs.get(name)
        return None if proof is None else run_proof(proof, plan, store, listen)

    return [
        times_row(bundle),
        licences_row(toolchain, data),
        _data(plan, store, data, expected),
        fidelity_row(bundle, proven(FIDELITY)),
        *inference_rows(bundle, proven(INFERENCE)),
        *(replay_rows(bundle, rebuilt) if level == BITWISE else []),
    ]


def _data(plan: Plan, store: Store, record: Json, expected: Expected) -> Row:
    last = expected.last
    prepare = plan.model.steps["prepare"]
    output = next(build.output.path for build in plan.builds if build.path == prepare)
    before = cast(Mapping[str, Sequence[Json]], last.document["data"])["stages"] if last else ()
    version = last.version if last else ""
    same = expected.own is not None
    return data_row(record, store.physical(output), before, version, same=same)


def _document(path: Path) -> Json:
    """Returns a document of the bundle, which was held against its schema before."""
    return cast(Json, json.loads(path.read_text(encoding="utf-8")))
