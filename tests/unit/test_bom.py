"""The bill of materials: valid by CycloneDX's own schema, complete, and the same for the same input."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from builder.runtime.canonical import readable
from builder.runtime.packaging.scan import STORE_PATH
from builder.runtime.params import Params
from tests.unit.bills import BASE, CUDA_LOCK, DATA, LOCKS, VERSES, Json, bill, components
from tests.unit.bundles import BOM


def faults(value: Json) -> str:
    return str(JsonStrictValidator(SchemaVersion.V1_6).validate_str(readable(value)) or "")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_it_is_valid_by_the_published_schema(lock: Path) -> None:
    assert faults(bill(json.loads(lock.read_text())["sources"])) == ""
    assert faults(BOM) == ""


@pytest.mark.parametrize(
    "spoil",
    [
        lambda bom: bom.pop("bomFormat"),
        lambda bom: bom.update(extra=1),
        lambda bom: bom["components"][0].update(type="dataset"),
        lambda bom: bom["components"][0].update(licenses=[{"license": {"id": "GPL-2+"}}]),
        lambda bom: bom["components"][0]["hashes"][0].update(content="abc"),
        lambda bom: bom["metadata"]["component"]["modelCard"].update(seed=7),
    ],
)
def test_the_published_schema_refuses_what_is_wrong(spoil: Callable[[Json], None]) -> None:
    value = json.loads(json.dumps(bill()))
    spoil(value)
    assert faults(value) != ""


def test_the_model_is_its_subject() -> None:
    model = bill()["metadata"]["component"]  # type: ignore[index]
    said = {key: model[key] for key in ("type", "name", "version", "purl")}
    assert said == {
        "type": "machine-learning-model",
        "name": "verses",
        "version": "1.1.0",
        "purl": "pkg:generic/verses@1.1.0",
    }


def test_its_card_names_data_sets_and_metrics() -> None:
    card = bill()["metadata"]["component"]["modelCard"]  # type: ignore[index]
    assert card["quantitativeAnalysis"] == {"performanceMetrics": [{"type": "accuracy", "value": "0.5"}]}
    assert card["modelParameters"]["datasets"] == [{"ref": "data/bible-kjv"}, {"ref": "data/bible-kjv-text"}]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", "7"),
        ("device", "cpu"),
        ("threads", "1"),
        ("hyperparameter:rate", "0.1"),
        ("hyperparameter:name", '"é"'),
        ("allowed:torch.sqrt", "why not"),
        ("profile", "portable"),
        ("environment:SAMEBITS_PROFILE", "portable"),
        ("python", "3.11"),
    ],
)
def test_its_properties_say_how_it_was_trained(name: str, value: str) -> None:
    properties = bill()["metadata"]["component"]["properties"]  # type: ignore[index]
    assert {"name": f"samebits:{name}", "value": value} in properties
    assert properties == sorted(properties, key=lambda entry: entry["name"])


def test_every_file_of_toolchain_and_data_is_a_component_with_its_hash() -> None:
    found = components(bill())
    wanted = {f"toolchain/{source['file']}": source for source in CUDA_LOCK}
    wanted |= {f"data/{source['name']}": source for source in VERSES}
    assert found.keys() == wanted.keys() | {"weights/a.safetensors", "weights/b.safetensors"}
    for reference, source in wanted.items():
        one = found[reference]
        assert (one["name"], one["version"]) == (source["name"], source["version"])
        assert one["hashes"] == [{"alg": "SHA-256", "content": source["sha256"]}]
        assert one["externalReferences"] == [{"type": "distribution", "url": source["url"]}]


def test_types_tell_data_base_models_weights_and_libraries_apart() -> None:
    found = components(bill())
    assert found[f"data/{BASE}"]["type"] == "machine-learning-model"
    assert found["data/bible-kjv"]["type"] == "data"
    assert found["weights/a.safetensors"]["type"] == "file"
    assert {one["type"] for ref, one in found.items() if ref.startswith("toolchain/")} == {"library"}


def test_what_only_unpacks_the_toolchain_is_excluded() -> None:
    excluded = {one["name"] for one in components(bill()).values() if one.get("scope") == "excluded"}
    assert excluded == {source["name"] for source in CUDA_LOCK if source["role"] in ("build", "seed")}


def test_the_graph_leads_from_the_model_to_everything_and_nowhere_else() -> None:
    value = bill()
    graph = {one["ref"]: one["dependsOn"] for one in value["dependencies"]}  # type: ignore[attr-defined]
    assert graph["model"] == sorted(components(value))
    assert graph["weights/a.safetensors"] == ["data/bible-kjv", "data/bible-kjv-text", f"data/{BASE}"]


def test_every_component_names_a_licence() -> None:
    value = bill()
    for one in [*components(value).values(), value["metadata"]["component"]]:  # type: ignore[index]
        (choice,) = one["licenses"]  # type: ignore[misc]
        assert choice.get("expression") or choice["license"].get("id") or choice["license"]["name"]


def test_equal_input_gives_equal_bytes_whatever_its_order() -> None:
    turned = {**DATA, "sources": list(reversed(DATA["sources"]))}
    again = bill(list(reversed(CUDA_LOCK)), data=turned)
    assert readable(again) == readable(bill())


def test_other_input_gives_another_serial_number() -> None:
    others = [bill(metrics={"scalars": {"accuracy": 0.6}}), bill(params=Params(seed=8, hyperparameters={}))]
    assert len({bill()["serialNumber"], *(other["serialNumber"] for other in others)}) == 3


def test_it_holds_no_time_no_store_path_and_no_address_of_a_registry() -> None:
    text = readable(bill())
    assert "timestamp" not in text
    assert STORE_PATH.search(text.encode()) is None
    assert "http" not in text
