"""The bill of materials in SPDX 3.0.1, loaded strictly by the classes that SPDX generates from its own model."""

import io
import json
from collections.abc import Callable

import pytest
from spdx_python_model import v3_0_1 as model

from tests.unit.bills import BASE, CUDA_LOCK, Json, bill
from tests.unit.bundles import BOM
from verifier.bom.elements import CREATED
from verifier.bom.spdx import CONTEXT, spdx_document

BILL = json.loads(json.dumps(bill()))
SPDX = spdx_document(BILL)
NO_ASSERTION = "expandedlicensing_NoAssertionLicense"


def load(document: Json) -> model.SHACLObjectSet:
    """Loads a document, follows every reference, and writes it again, which looks for what is required."""
    objects = model.SHACLObjectSet()
    model.JSONLDDeserializer().read(io.StringIO(json.dumps(document)), objects)
    assert objects.link() == set()
    model.JSONLDSerializer().write(objects, io.BytesIO())
    return objects


def graph(document: Json) -> dict[str, Json]:
    """Returns the elements by their last part."""
    elements: list[Json] = document["@graph"]  # type: ignore[assignment]
    return {str(one.get("spdxId", one.get("@id"))).partition("#")[2]: one for one in elements}


def led_to(kind: str, reference: str = "model") -> list[str]:
    one = graph(SPDX)[f"relationship/{kind}/{reference}"]
    assert (one["relationshipType"], str(one["from"]).partition("#")[2]) == (kind, reference)
    return [str(to).partition("#")[2] or str(to) for to in one["to"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("document", [SPDX, spdx_document(BOM)], ids=["cuda", "tiny"])
def test_it_is_a_document_of_the_published_model(document: Json) -> None:
    objects = load(document)
    assert document["@context"] == CONTEXT
    (described,) = objects.foreach_type("SpdxDocument")
    assert sorted(described.profileConformance) == sorted(
        f"https://spdx.org/rdf/3.0.1/terms/Core/ProfileIdentifierType/{name}"
        for name in ("ai", "core", "dataset", "simpleLicensing", "software")
    )
    assert len(list(objects.foreach_type("ai_AIPackage"))) == (2 if document is SPDX else 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts["model"].update(ai_hyperparameters=[]),
        lambda parts: parts["model"].update(software_primaryPurpose="brain"),
        lambda parts: parts["data/bible-kjv"].pop("dataset_datasetType"),
        lambda parts: parts["data/bible-kjv"].pop("creationInfo"),
        lambda parts: parts["relationship/trainedOn/model"].update(to=["urn:nowhere"]),
        lambda parts: parts["relationship/trainedOn/model"].update(relationshipType="trainedWith"),
        lambda parts: parts["relationship/trainedOn/model"].pop("from"),
        lambda parts: parts["weights/a.safetensors"]["verifiedUsing"][0].pop("hashValue"),
        lambda parts: parts[""].update(created="yesterday"),
    ],
)
def test_the_published_model_refuses_what_is_wrong(spoil: Callable[[dict[str, Json]], None]) -> None:
    value = json.loads(json.dumps(SPDX))
    spoil(graph(value))
    with pytest.raises((AssertionError, ValueError, TypeError, KeyError)):
        load(value)


def test_all_that_was_read_is_written_again() -> None:
    out = io.BytesIO()
    model.JSONLDSerializer().write(load(SPDX), out)
    text = out.getvalue().decode().replace("_:CreationInfo0", "_:creation")
    again = graph(json.loads(text))
    assert again.keys() == graph(SPDX).keys()
    for name, one in graph(SPDX).items():
        for field, value in one.items():
            other = again[name][field]
            assert other == (sorted(value) if field in ("element", "to") else value), (name, field)  # type: ignore[call-overload]


def test_model_data_and_libraries_are_of_their_classes() -> None:
    parts = graph(SPDX)
    classes = {
        "model": "ai_AIPackage",
        f"data/{BASE}": "ai_AIPackage",
        "data/bible-kjv": "dataset_DatasetPackage",
        "weights/a.safetensors": "software_File",
        f"toolchain/{CUDA_LOCK[0]['file'].replace('+', '%2B')}": "software_Package",
        "sbom": "software_Sbom",
        "document": "SpdxDocument",
    }
    assert {name: parts[name]["type"] for name in classes} == classes


def test_the_model_says_metrics_hyperparameters_and_surroundings() -> None:
    one = graph(SPDX)["model"]
    assert one["ai_metric"] == [{"type": "DictionaryEntry", "key": "accuracy", "value": "0.5"}]
    assert {"type": "DictionaryEntry", "key": "rate", "value": "0.1"} in one["ai_hyperparameter"]  # type: ignore[operator]
    assert "seed: 7" in str(one["ai_informationAboutTraining"]).split("\n")


def test_it_says_what_was_trained_on_descended_from_and_depended_on() -> None:
    data = ["data/bible-kjv", "data/bible-kjv-text"]
    assert (led_to("trainedOn"), led_to("testedOn")) == (data, data)
    assert led_to("descendantOf") == [f"data/{BASE}"]
    assert led_to("contains") == ["weights/a.safetensors", "weights/b.safetensors"]
    tools = [source for source in CUDA_LOCK if source["role"] in ("build", "seed")]
    assert len(led_to("usesTool")) == len(tools)
    assert len(led_to("dependsOn")) == len(CUDA_LOCK) - len(tools)


def test_every_artifact_has_its_hash_and_its_package_url() -> None:
    parts = graph(SPDX)
    for component in BILL["components"]:
        one = parts[component["bom-ref"].replace("+", "%2B")]
        assert one["verifiedUsing"][0]["hashValue"] == component["hashes"][0]["content"]  # type: ignore[index]
        assert one.get("software_packageUrl") == component.get("purl")


def test_every_artifact_has_one_declared_licence() -> None:
    parts = graph(SPDX)
    for component in [BILL["metadata"]["component"], *BILL["components"]]:
        (licence,) = led_to("hasDeclaredLicense", component["bom-ref"].replace("+", "%2B"))
        choice = component["licenses"][0]
        stated = choice.get("expression") or choice["license"].get("id") or choice["license"]["name"]
        if stated == "NOASSERTION":
            assert licence == NO_ASSERTION
            continue
        one = parts[licence]
        texts = {entry["key"]: entry["value"] for entry in one.get("simplelicensing_customIdToUri", ())}  # type: ignore[attr-defined]
        said = [parts[uri.partition("#")[2]]["simplelicensing_licenseText"] for uri in texts.values()]
        assert one["simplelicensing_licenseExpression"] == stated or said == [stated]


def test_both_profiles_get_the_concluded_licence_that_they_ask_for() -> None:
    for reference in ("model", f"data/{BASE}", "data/bible-kjv"):
        assert led_to("hasConcludedLicense", reference) == [NO_ASSERTION]


def test_equal_bills_give_equal_documents_without_the_time_of_day() -> None:
    assert json.dumps(spdx_document(BILL)) == json.dumps(SPDX)
    assert graph(SPDX)[""]["created"] == CREATED == "1980-01-01T00:00:00Z"


def test_size_that_is_no_number_is_left_out() -> None:
    value = json.loads(json.dumps(BILL))
    for component in value["components"]:
        for entry in component["properties"]:
            entry["value"] = "9" * 5_000 if entry["name"] == "samebits:size" else entry["value"]
    assert "dataset_datasetSize" not in graph(spdx_document(value))["data/bible-kjv"]
