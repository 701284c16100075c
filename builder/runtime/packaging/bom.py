"""`bom.cdx.json`: what the model is made of, as CycloneDX 1.6 with a model card; equal input gives equal bytes.

It says again what data.json, toolchain.json, metrics.json and params.yaml say, in the words of others' tools. It
holds no time. Its serial number follows from the rest.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import cast

from builder.runtime.canonical import digest
from builder.runtime.packaging.licences import NOT_STATED, licence_choice
from builder.runtime.packaging.purl import model_purl, source_purl
from builder.runtime.params import Params

Json = Mapping[str, object]
FILE = "bom.cdx.json"
# Serial numbers are version 5 UUIDs in this name space, of the sha256 of the bill without its serial number.
NAME_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "samebits/bom/v1")
MODEL = "model"
# What these roles bring unpacks the toolchain and is not in it (docs/reference/lock.md).
NOT_INSIDE = ("build", "seed")


def bill_of_materials(
    name: str,
    version: str,
    *,
    params: Params,
    metrics: Json,
    data: Json,
    toolchain: Json,
    weights: Sequence[Json],
) -> dict[str, object]:
    """Returns the bill; `weights` are the entries of the manifest below `weights/`."""
    inputs = [_input(source, data) for source in cast(Sequence[Json], data["sources"])]
    libraries = [_library(source) for source in cast(Sequence[Json], toolchain["sources"])]
    components = sorted([*map(_weights, weights), *inputs, *libraries], key=_reference)
    model: dict[str, object] = {
        "type": "machine-learning-model",
        "bom-ref": MODEL,
        "name": name,
        "version": version,
        "purl": model_purl(name, version),
        "licenses": [{"license": {"name": NOT_STATED}}],
        "modelCard": _card(metrics, [one for one in components if one["type"] == "data"]),
        "properties": _properties({**_parameters(params), **_surroundings(toolchain)}),
    }
    bill: dict[str, object] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"lifecycles": [{"phase": "build"}], "component": model},
        "components": components,
        "dependencies": _dependencies(components),
    }
    return {**bill, "serialNumber": f"urn:uuid:{uuid.uuid5(NAME_SPACE, digest(bill))}"}


def _reference(component: Json) -> str:
    return str(component["bom-ref"])


def _card(metrics: Json, datasets: Sequence[Json]) -> dict[str, object]:
    scalars = cast(Mapping[str, float], metrics["scalars"])
    return {
        "modelParameters": {"datasets": [{"ref": _reference(one)} for one in datasets]},
        "quantitativeAnalysis": {
            "performanceMetrics": [
                {"type": metric, "value": json.dumps(scalars[metric])} for metric in sorted(scalars)
            ]
        },
    }


def _parameters(params: Params) -> dict[str, str]:
    return {
        "seed": str(params.seed),
        "device": params.device,
        "threads": str(params.threads),
        # As JSON, so that 1 and "1" are two; a date, which YAML knows, is its text.
        **{
            f"hyperparameter:{name}": json.dumps(value, ensure_ascii=False, default=str)
            for name, value in params.hyperparameters.items()
        },
        **{f"allowed:{name}": reason for name, reason in params.allowed.items()},
    }


def _surroundings(toolchain: Json) -> dict[str, str]:
    environment = cast(Mapping[str, str], toolchain["environment"])
    return {
        "profile": environment["SAMEBITS_PROFILE"],
        "python": str(toolchain["python"]),
        "toolchain": str(toolchain["name"]),
        "toolchain:digest": str(toolchain["digest"]),
        **{f"environment:{name}": value for name, value in environment.items()},
    }


def _properties(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": f"samebits:{name}", "value": values[name]} for name in sorted(values)]


def _weights(entry: Json) -> dict[str, object]:
    return {
        "type": "file",
        "bom-ref": str(entry["path"]),
        "name": str(entry["path"]),
        "hashes": [{"alg": "SHA-256", "content": entry["sha256"]}],
        "licenses": [{"license": {"name": NOT_STATED}}],
        "properties": _properties({"size": str(entry["size"])}),
    }


def _library(source: Json) -> dict[str, object]:
    return {
        "type": "library",
        "bom-ref": f"toolchain/{source['file']}",
        "scope": "excluded" if source["role"] in NOT_INSIDE else "required",
        **_locked(source),
    }


def _input(source: Json, data: Json) -> dict[str, object]:
    """Returns a data set, or the pretrained model that this one descends from."""
    reference = f"data/{source['input']}"
    if source["input"] in cast(Sequence[str], data["lineage"]):
        return {"type": "machine-learning-model", "bom-ref": reference, **_locked(source)}
    contents = {"type": "dataset", "name": str(source["input"]), "contents": {"url": source["url"]}}
    return {"type": "data", "bom-ref": reference, "data": [contents], **_locked(source)}


def _locked(source: Json) -> dict[str, object]:
    """Returns what a lock says of a file, for any type of component."""
    name, version, stated = str(source["name"]), str(source["version"]), str(source["licence"])
    return {
        "name": name,
        "version": version,
        "purl": source_purl(str(source["kind"]), name, version, str(source["file"])),
        "hashes": [{"alg": "SHA-256", "content": source["sha256"]}],
        "licenses": licence_choice(stated, name),
        "externalReferences": [{"type": "distribution", "url": source["url"]}],
        "properties": _properties(
            {"licence": stated, "role": str(source["role"]), "size": str(source["size"])}
        ),
    }


def _dependencies(components: Sequence[Json]) -> list[dict[str, object]]:
    """Returns what is known: the model of everything, its weights of what they were trained on and from.

    A component that is not in the list may depend on anything, says CycloneDX: no lock says what wheels and
    Debian packages need of each other.
    """
    inputs = [_reference(one) for one in components if _reference(one).startswith("data/")]
    weights = [_reference(one) for one in components if one["type"] == "file"]
    graph = {MODEL: [_reference(one) for one in components], **dict.fromkeys(weights, inputs)}
    return [{"ref": reference, "dependsOn": graph[reference]} for reference in graph]
