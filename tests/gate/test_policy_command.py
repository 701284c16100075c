"""`verifier policy` as people and scripts use it, on the scene's policy and on the commented example."""

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.conftest import REPOSITORY
from tests.gate.policies import at, tier, waiver, write
from tests.gate.running import said_by, verify
from tests.gate.scene import Gate, public
from verifier.contract.reading import contract_ownership
from verifier.policy.reading import read_policy
from verifier.schemas import OWN, load_schema

EXAMPLE = REPOSITORY / "docs" / "examples" / "policy.yaml"
PAGE = REPOSITORY / "docs" / "reference" / "policy.md"


def document(path: Path, target: Path) -> dict:
    said_by("policy", "lint", str(path), "--json", str(target))
    value = json.loads(target.read_text())
    Draft202012Validator(load_schema(OWN / "policy-lint.schema.json")).validate(value)
    return value


def test_it_explains_and_returns_0(tmp_path: Path) -> None:
    said = said_by("policy", "lint", str(write(tmp_path)))
    assert (said.code, said.err) == (0, "")
    for sentence in (
        "acme runs its machines on x86-64.",
        "Tier high: tiny",
        "ci may release: sign all files, the contract and the evaluation.",
        "2 of ci (acme), second (bell) and third (cray) must have built the same bits",
        "It must have been built within the last 30 days.",
        "accuracy must be at least 0.4.",
        "A list of revocations signed by security must be named, at most 7 days old.",
    ):
        assert sentence in said.out


def test_what_never_passes_returns_1_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, tier(sign=[]))
    said = said_by("policy", "lint", str(path))
    number = next(n for n, line in enumerate(path.read_text().splitlines(), 1) if "sign:" in line)
    assert said.code == 1
    assert f"line {number}: nobody may release" in said.out


def test_what_never_fails_returns_0(tmp_path: Path) -> None:
    said = said_by("policy", "lint", str(write(tmp_path, tier(metrics=[]))))
    assert said.code == 0
    assert "no metric is demanded" in said.out


@pytest.mark.parametrize("what", ["", "[]", "{}", "a: &b 1", "\0", "\ud83d".encode("utf-8", "surrogatepass")])
def test_what_is_no_policy_returns_2(what: str | bytes, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(what if isinstance(what, bytes) else what.encode())
    said = said_by("policy", "lint", str(path))
    assert said.code == 2
    assert "docs/reference/policy.md" in said.err


@pytest.mark.parametrize("what", ["missing", "folder", "pipe"])
def test_what_is_no_file_returns_2(what: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    assert said_by("policy", "lint", str(path)).code == 2


def test_names_do_not_write_to_the_terminal(tmp_path: Path) -> None:
    path = write(tmp_path, at("exceptions", value=[waiver(why="x\x1b[31m\nverified")]))
    said = said_by("policy", "lint", str(path))
    assert (said.code, "\x1b" in said.out) == (0, False)
    assert "\nverified" not in said.out


def test_document_has_what_the_text_has(tmp_path: Path) -> None:
    path = write(tmp_path, at("exceptions", value=[waiver(expires="2020-01-01")]))
    value = document(path, tmp_path / "lint.json")
    assert value["can_pass"] is True
    assert value["policy_sha256"] == read_policy(path).sha256
    assert value["exceptions"][0]["state"] == "expired"
    assert [(one["kind"], one["place"]) for one in value["findings"]] == [("look", "exceptions.0.expires")]


def test_document_does_not_overwrite_the_policy(tmp_path: Path) -> None:
    path = write(tmp_path)
    before = path.read_bytes()
    assert said_by("policy", "lint", str(path), "--json", str(path)).code == 2
    assert path.read_bytes() == before


def test_example_is_in_order_as_it_stands(tmp_path: Path) -> None:
    value = document(EXAMPLE, tmp_path / "lint.json")
    assert [one for one in value["findings"] if one["kind"] == "never passes"] == []
    assert [one for one in value["findings"] if one["place"].startswith("tiers.high")] == [
        one for one in value["findings"] if one["place"] == "tiers.high.licences"
    ]


def test_example_names_tiers_and_approvers_of_the_models_here() -> None:
    policy = read_policy(EXAMPLE)
    models = {path.parent.name: path for path in (REPOSITORY / "models").glob("*/contract.yaml")}
    assert policy.models == {name: contract_ownership(path)[0].tier for name, path in models.items()}
    for path in models.values():
        assert set(contract_ownership(path)[0].approvers) <= policy.parties.keys()


def test_example_admits_a_bundle_that_has_all_it_asks_for(gate: Gate) -> None:
    def change(policy: dict) -> None:
        example = yaml.safe_load(EXAMPLE.read_text())
        policy.update(models={"tiny": "high"}, tiers=example["tiers"], revocations=example["revocations"])
        policy["tiers"]["high"] |= {"variations": ["clock", "cores"], "metrics": [{"name": "accuracy"}]}
        policy["parties"] = {
            name: {**one, "keys": [public(name)]} for name, one in example["parties"].items()
        }
        for one in policy["parties"].values():
            one.pop("certificates", None)

    gate.write_policy(change)
    gate.forget(["approval"])
    gate.approve("alice")
    assert verify(gate).code == 0
    gate.forget(["approval"])
    assert verify(gate).reasons == {"not-approved"}


def test_reference_names_every_key() -> None:
    for key in ("parties", "trusted_root", "models", "revocations", "tiers", "exceptions"):
        assert f"`{key}" in PAGE.read_text()
    schema = load_schema(OWN / "policy.schema.json")
    for part in (
        schema["properties"],
        *(schema["$defs"][name]["properties"] for name in ("party", "tier", "exception")),
    ):
        for key in part:
            assert f"{key}`" in PAGE.read_text(), key


def test_licences_of_a_bundle_are_listed_as_a_policy_takes_them(gate: Gate) -> None:
    said = said_by("policy", "licences", str(gate.bundle))
    assert said.code == 0
    listed = yaml.safe_load(said.out)["licences"]
    gate.write_policy(tier(licences=listed))
    gate.forget(["approval"])
    gate.approve("alice")
    assert verify(gate).code == 0
    gate.write_policy(tier(licences=[one for one in listed if one != "NOASSERTION"]))
    assert "licence-not-allowed" in verify(gate).reasons


def test_licences_have_a_document(gate: Gate, tmp_path: Path) -> None:
    target = tmp_path / "licences.json"
    assert said_by("policy", "licences", str(gate.bundle), "--json", str(target)).code == 0
    value = json.loads(target.read_text())
    Draft202012Validator(load_schema(OWN / "licences.schema.json")).validate(value)
    assert value["bundle"] == gate.contents.identifier


def test_licences_of_a_changed_bundle_are_none(gate: Gate) -> None:
    (gate.bundle / "metrics.json").write_text("{}")
    said = said_by("policy", "licences", str(gate.bundle))
    assert (said.code, said.out) == (1, "")


def test_licences_of_no_bundle_are_none(tmp_path: Path) -> None:
    assert said_by("policy", "licences", str(tmp_path / "missing")).code == 2
    shutil.copy(EXAMPLE, tmp_path)
    assert said_by("policy", "licences", str(tmp_path / "policy.yaml")).code == 2
