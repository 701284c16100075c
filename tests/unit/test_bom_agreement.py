"""A bill of materials that says other than the rest of the bundle is refused, by both readers, in one sentence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.bundles import list_files, write_bundle, write_file
from verifier.bundle import read_bundle
from verifier.errors import BadInput
from verifier.signing.contents import read_contents
from verifier.signing.reasons import Reason, Refused

BOM = "bom.cdx.json"
OTHER = "0" * 64


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


def component(bom: Any, kind: str = "library") -> Any:
    return next(one for one in bom["components"] if one["type"] == kind)


def remove(bom: Any, kind: str) -> None:
    """Removes a component, and from the graph what leads to it."""
    gone = component(bom, kind)
    bom["components"].remove(gone)
    bom["dependencies"] = [one for one in bom["dependencies"] if one["ref"] != gone["bom-ref"]]
    for one in bom["dependencies"]:
        one["dependsOn"] = [ref for ref in one["dependsOn"] if ref != gone["bom-ref"]]


def change(folder: Path, spoil: Callable[[Any], object], name: str = BOM) -> Path:
    """Spoils a JSON file of the bundle and lists it as it is now, so that the manifest fits."""
    value = json.loads((folder / name).read_text())
    spoil(value)
    write_file(folder, name, json.dumps(value).encode())
    list_files(folder)
    return folder


def sentences(bundle: Path) -> tuple[str, str]:
    """Returns what both readers say; each must refuse."""
    with pytest.raises(BadInput) as refused:
        read_bundle(bundle)
    with pytest.raises(Refused) as strictly:
        read_contents(bundle)
    assert strictly.value.reason is Reason.INVALID_MANIFEST
    assert refused.value.sentence.endswith(strictly.value.sentence)
    return refused.value.sentence, strictly.value.sentence


def test_bundle_whose_bill_agrees_is_read_by_both(bundle: Path) -> None:
    assert read_bundle(bundle).problems == ()
    assert read_contents(bundle).documents["bom"]["bomFormat"] == "CycloneDX"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda bom: component(bom)["hashes"][0].update(content=OTHER), "names 'numpy 2.4.6'"),
        (lambda bom: component(bom).update(version="2.4.5"), "names 'numpy 2.4.5'"),
        (lambda bom: component(bom).update(name="numpi"), "names 'numpi 2.4.6'"),
        (lambda bom: component(bom)["externalReferences"][0].update(url="mirror://x/y"), "its origin"),
        (lambda bom: component(bom)["properties"].pop(0), "names 'numpy 2.4.6'"),
        (lambda bom: bom["components"].append(component(bom)), "gives the bom-ref 'toolchain/numpy-2.4.6"),
        (lambda bom: bom["components"].append({**component(bom), "bom-ref": "toolchain/b"}), "'numpy 2.4.6'"),
        (lambda bom: bom["dependencies"][0]["dependsOn"].append("x"), "refers to 'x'"),
        (lambda bom: remove(bom, "library"), "lacks 'numpy 2.4.6'"),
        (lambda bom: component(bom, "file")["hashes"][0].update(content=OTHER), "not so in the manifest"),
        (lambda bom: remove(bom, "file"), "lacks 'weights/model.safetensors'"),
        (lambda bom: bom["components"].remove(component(bom)), "refers to 'toolchain/numpy-2.4.6"),
        (lambda bom: bom["metadata"]["component"].update(name="other"), "is about 'other' '1.0.0'"),
        (lambda bom: bom["metadata"]["component"].update(version="9.0.0"), "is about 'tiny' '9.0.0'"),
    ],
)
def test_bill_that_says_something_else_is_refused(
    spoil: Callable[[Any], object], says: str, bundle: Path
) -> None:
    for sentence in sentences(change(bundle, spoil)):
        assert BOM in sentence
        assert says in sentence


@pytest.mark.parametrize("name", ["toolchain.json", "data.json"])
def test_other_document_that_says_something_else_is_refused(name: str, bundle: Path) -> None:
    source = json.loads((bundle / "toolchain.json").read_text())["sources"][0]
    added = {**source, "name": "added", **({"input": "added"} if name == "data.json" else {})}
    change(bundle, lambda value: value["sources"].append(added), name)
    for sentence in sentences(bundle):
        assert f"lacks 'added 2.4.6' with the sha256 {source['sha256']}" in sentence
        assert sentence.endswith(f"which is in {name}")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda bom: bom.update(specVersion="1.5"),
        lambda bom: bom.update(extra=1),
        lambda bom: bom.pop("serialNumber"),
        lambda bom: component(bom).update(components=[]),
        lambda bom: component(bom).update(hashes=[]),
        lambda bom: component(bom).pop("licenses"),
        lambda bom: component(bom)["hashes"].append({"alg": "MD5", "content": "0" * 32}),
        lambda bom: component(bom)["externalReferences"][0].update(url="https://example.org"),
        lambda bom: bom["metadata"].update(timestamp="2026-01-01T00:00:00Z"),
    ],
)
def test_bill_of_another_form_is_refused(spoil: Callable[[Any], object], bundle: Path) -> None:
    for sentence in sentences(change(bundle, spoil)):
        assert BOM in sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cannot be read as JSON"),
        (b"{", "cannot be read as JSON"),
        (b'{"bomFormat": "CycloneDX", "bomFormat": "CycloneDX"}', "the key 'bomFormat' is given twice"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff", "cannot be read as JSON"),
    ],
)
def test_bill_that_is_no_strict_json_is_refused(content: bytes, says: str, bundle: Path) -> None:
    write_file(bundle, BOM, content)
    list_files(bundle)
    for sentence in sentences(bundle):
        assert says in sentence


def test_bundle_without_a_bill_is_refused(bundle: Path) -> None:
    (bundle / BOM).unlink()
    list_files(bundle)
    with pytest.raises(BadInput, match=r"bom\.cdx\.json does not exist"):
        read_bundle(bundle)
    with pytest.raises(Refused, match=r"there is no bom\.cdx\.json") as refused:
        read_contents(bundle)
    assert refused.value.reason is Reason.MISSING_FILE
