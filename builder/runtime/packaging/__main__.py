"""`python -m builder.runtime.packaging`: the program of the `package` step."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import cast

from builder.runtime.canonical import readable
from builder.runtime.failure import BAD_INPUT, StepFailed
from builder.runtime.launch import carry_out
from builder.runtime.outputs import check_output
from builder.runtime.packaging.bom import FILE as BOM
from builder.runtime.packaging.bom import bill_of_materials
from builder.runtime.packaging.card import Json, model_card
from builder.runtime.packaging.manifest import manifest
from builder.runtime.packaging.metrics import check_agreement
from builder.runtime.packaging.scan import files_with_store_paths
from builder.runtime.params import Params, read_params
from builder.runtime.plan import Plan
from builder.runtime.validate import Invalid, load_schema, validate

SCHEMAS = Path(__file__).parent / "schemas"


def package(plan: Plan) -> None:
    """Writes the bundle at the plan's output.

    Raises:
        StepFailed: a part does not match its schema, or a file names a store path.
    """
    params = read_params(plan.params, plan.schema)
    out = plan.output
    for step in ("train", "evaluate"):  # once more, where none of the model's own code runs
        check_output(step, plan.inputs[step])
    _copy_parts(plan)
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    data, toolchain = _data(plan), _toolchain(plan.inputs["toolchain"])
    _check("metrics", metrics)
    check_agreement(metrics)
    decisions = out / "training" / "trace" / "decisions.json"
    if decisions.exists():
        _check("decisions", json.loads(decisions.read_text(encoding="utf-8")))
    for name, value in (("data", data), ("toolchain", toolchain)):
        _write(out / f"{name}.json", name, value)
    _write_card(plan, params, metrics, data, toolchain)
    bill = bill_of_materials(
        plan.model,
        plan.version,
        params=params,
        metrics=metrics,
        data=data,
        toolchain=toolchain,
        weights=_weights(plan),
    )
    _write(out / BOM, "bom", bill)
    _write(out / "manifest.json", "manifest", manifest(plan.model, plan.version, out))
    _refuse_store_paths(out)


def _write_card(plan: Plan, params: Params, metrics: Json, data: Json, toolchain: Json) -> None:
    samples = plan.output / "evaluation" / "samples.txt"
    card = model_card(
        plan,
        (plan.code / plan.script).read_text(encoding="utf-8"),
        params=params,
        metrics=metrics,
        data=data,
        toolchain=toolchain,
        samples=samples.read_text(encoding="utf-8") if samples.exists() else "",
    )
    (plan.output / "model-card.md").write_text(card, encoding="utf-8")


def _weights(plan: Plan) -> list[Json]:
    """Returns the manifest's entries below `weights/`."""
    files = cast(list[Json], manifest(plan.model, plan.version, plan.output / "weights")["files"])
    return [{**entry, "path": f"weights/{entry['path']}"} for entry in files]


def _copy_parts(plan: Plan) -> None:
    out, trained, evaluated = plan.output, plan.inputs["train"], plan.inputs["evaluate"]
    out.mkdir(parents=True)
    for source in _files(trained):
        folder = "weights" if source.name.endswith(".safetensors") else "training"
        _copy(source, out / folder / source.relative_to(trained))
    for source in _files(evaluated):
        where = source.relative_to(evaluated)
        top = str(where) in ("metrics.json", "golden.safetensors")
        _copy(source, out / where if top else out / "evaluation" / where)
    for source in _files(plan.code):
        if source != plan.code / plan.script:
            _copy(source, out / "code" / source.relative_to(plan.code))
    _copy(plan.params, out / "params.yaml")
    if plan.schema:
        _copy(plan.schema, out / "hyperparameters.schema.json")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _data(plan: Plan) -> dict[str, object]:
    sources: dict[str, dict[str, object]] = json.loads(os.environ["SAMEBITS_DATA"])
    prepared = plan.inputs["prepare"]
    stages = prepared / "stages.json"
    files = manifest(plan.model, plan.version, prepared)["files"]
    return {
        "schema": "samebits/data/v1",
        "sources": [{"input": name, **entry} for name, entry in sorted(sources.items())],
        "lineage": json.loads(os.environ["SAMEBITS_LINEAGE"]),
        "stages": json.loads(stages.read_text(encoding="utf-8")) if stages.exists() else [],
        "prepared": files,
    }


def _toolchain(toolchain: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads((toolchain / "sources.json").read_text(encoding="utf-8"))
    return {**record, "environment": json.loads(os.environ["SAMEBITS_ENVIRONMENT"])}


def _write(path: Path, name: str, value: object) -> None:
    _check(name, value, path.name)
    path.write_text(readable(value), encoding="utf-8")


def _check(name: str, value: object, file: str = "") -> None:
    file = file or f"{name}.json"
    try:
        validate(value, load_schema(SCHEMAS / f"{name}.schema.json"), file)
    except Invalid as error:
        advice = f"What {file} must hold is in docs/reference/bundle.md."
        raise StepFailed(kind=BAD_INPUT, sentence=str(error), advice=advice) from error


def _refuse_store_paths(out: Path) -> None:
    found = files_with_store_paths(out)
    if found:
        raise StepFailed(
            kind=BAD_INPUT,
            sentence=f"{found[0]} names a store path, so the bundle would not stand on its own",
            advice="Write names and digests into outputs, never the paths of inputs.",
        )


if __name__ == "__main__":
    sys.exit(carry_out(package))
