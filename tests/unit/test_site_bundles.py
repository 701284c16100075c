"""A bundle in a site: its bill of materials, its curves, and who says they signed it, which is a claim."""

import json
from pathlib import Path

import pytest

from tests.unit.bundles import SHA256, change_manifest, write_bundle
from tests.unit.sites import page, put_bundle, site
from verifier.bundle import read_bundle
from verifier.errors import BadInput


def test_bundle_shows_what_it_is_made_of_and_how_it_was_trained(tmp_path: Path) -> None:
    bundle = put_bundle(tmp_path)
    found = page(bundles=tmp_path)
    assert (found.name, found.bundle) == ("tiny", read_bundle(bundle).identifier)
    numpy = next(one for one in found.components if one.name == "numpy")
    assert (numpy.version, numpy.kind, numpy.licence, numpy.sha256) == (
        "2.4.6",
        "library",
        "BSD-3-Clause",
        SHA256,
    )
    assert {one.quantity for one in found.curves} == {"loss", "learning_rate", "gradient_norm"}
    assert found.curves[0].steps == 20
    assert found.gaps == ()


def test_signature_is_shown_as_a_claim(tmp_path: Path) -> None:
    bundle = put_bundle(tmp_path)
    found = page(bundles=tmp_path).signers
    assert [(one.what, one.verified) for one in found] == [
        ("evaluation", False),
        ("signature over all files", False),
    ]
    assert all(one.who.startswith("key ") and len(one.who) == 16 for one in found)
    assert {one.identifier for one in found} == {read_bundle(bundle).identifier}


def test_damaged_statement_is_a_gap_and_the_other_is_shown(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    path = sorted((tmp_path / "tiny.statements").iterdir())[0]
    path.write_text("{")
    found = page(bundles=tmp_path)
    assert [one.what for one in found.signers] == ["signature over all files"]
    assert found.gaps[0].startswith(f"{path}: ")


def test_statement_with_a_certificate_that_is_none_says_so(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    path = sorted((tmp_path / "tiny.statements").iterdir())[0]
    value = json.loads(path.read_text())
    value["verificationMaterial"] = {"certificate": {"rawBytes": "AAAA"}, "tlogEntries": []}
    path.write_text(json.dumps(value))
    assert page(bundles=tmp_path).signers[0].who == "a certificate that cannot be read"


def test_bundle_that_nobody_signed_is_a_gap(tmp_path: Path) -> None:
    put_bundle(tmp_path, signed=False)
    assert page(bundles=tmp_path).gaps == (
        f"There is no {tmp_path / 'tiny.statements'}: nobody is known to have signed this bundle.",
    )


def test_bill_of_materials_with_other_bytes_is_not_shown(tmp_path: Path) -> None:
    bundle = put_bundle(tmp_path)
    with (bundle / "bom.cdx.json").open("a") as file:
        file.write("\n")
    found = page(bundles=tmp_path)
    assert found.components == ()
    assert found.gaps == (
        f"{bundle / 'bom.cdx.json'} has other bytes than the manifest says; it is not shown.",
    )


def test_half_written_bill_of_materials_is_a_gap(tmp_path: Path) -> None:
    bundle = put_bundle(tmp_path)
    (bundle / "bom.cdx.json").write_text('{"components": [')
    found = page(bundles=tmp_path)
    assert found.components == () and "cannot be read as JSON" in found.gaps[0]


def test_damaged_trace_is_a_gap(tmp_path: Path) -> None:
    bundle = put_bundle(tmp_path)
    steps = bundle / "training" / "trace" / "steps.jsonl"
    steps.write_bytes(steps.read_bytes()[:-10])
    found = page(bundles=tmp_path)
    assert found.curves == () and found.components and len(found.gaps) == 1


def test_bundle_without_a_trace_has_no_curve(tmp_path: Path) -> None:
    write_bundle(tmp_path / "tiny")
    assert page(bundles=tmp_path).curves == ()


@pytest.mark.parametrize("spoil", [lambda one: one.pop("files"), lambda one: one.update({"name": 7})])
def test_wrong_manifest_is_a_gap(spoil: object, tmp_path: Path) -> None:
    change_manifest(put_bundle(tmp_path), spoil)
    found = page(bundles=tmp_path)
    assert (found.name, found.bundle, found.components) == ("tiny", "", ())
    assert found.gaps[0].startswith(str(tmp_path / "tiny" / "manifest.json"))


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    assert site(bundles=tmp_path).models == ()


def test_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        site(bundles=tmp_path / "gone")
