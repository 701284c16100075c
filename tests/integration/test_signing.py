"""From a check to signed statements to a verdict at the gate: with a key, on a bundle that Nix built."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from jsonschema import Draft202012Validator

from tests.conftest import REPOSITORY
from tests.integration.keys import Keys, make_keys
from tests.integration.signing import sign, verify
from verifier.signing.envelope import read_signed
from verifier.signing.statement import Statement, parse_statement

SCHEMA = json.loads((REPOSITORY / "verifier" / "schemas" / "verification.schema.json").read_text())


def statement(bundle: Path, name: str) -> Statement:
    (path,) = bundle.with_name("tiny.statements").glob(f"{name}-*")
    return parse_statement(read_signed(path).payload)


def test_every_build_of_a_check_has_its_provenance(checked: Path, bundle: Path, keys: Keys) -> None:
    signed = sign(
        bundle, keys.private, "--check", checked / "check.json", "--builder-id", "https://example.org/ci"
    )
    assert signed.code == 0, signed.err
    assert "5 statements" in signed.out
    done = verify(bundle, keys.public)
    assert done.code == 0, done.out + done.err
    assert "DETERMINISTIC" in done.out
    for which in ("first", "second"):
        made = statement(bundle, f"provenance-{which}-build").predicate
        parsed = json_format.ParseDict(made, provenance_pb2.Provenance())
        assert parsed.run_details.builder.id == "https://example.org/ci"
        assert parsed.run_details.metadata.started_on.seconds > 1_700_000_000
        files = json.loads((bundle / "toolchain.json").read_text())["sources"]
        named = {
            one.uri: one.digest["sha256"] for one in parsed.build_definition.resolved_dependencies if one.uri
        }
        assert {f["url"]: f["sha256"] for f in files}.items() <= named.items()
        assert {one.name for one in parsed.run_details.byproducts} >= {
            "prepare",
            "train",
            "evaluate",
            "package",
        }


def test_test_results_are_in_the_published_form(checked: Path, bundle: Path, keys: Keys) -> None:
    sign(bundle, keys.private, "--check", checked / "check.json")
    for name in ("evaluation", "rebuild"):
        parsed = json_format.ParseDict(statement(bundle, name).predicate, test_result_pb2.TestResult())
        assert parsed.result == "PASSED"
        assert parsed.configuration[0].annotations["kind"] == name


def test_without_a_check_nothing_is_said_of_builds(bundle: Path, keys: Keys) -> None:
    done = sign(bundle, keys.private)
    assert "no provenance" in done.out
    found = {path.name.rsplit("-", 1)[0] for path in bundle.with_name("tiny.statements").iterdir()}
    assert found == {"signature", "evaluation"}
    assert verify(bundle, keys.public).code == 0


def test_a_build_that_was_there_before_has_no_provenance(
    checked: Path, bundle: Path, keys: Keys, tmp_path: Path
) -> None:
    said = json.loads((checked / "check.json").read_text())
    for row in said["verdicts"][0]["rows"]:
        row["first"] = row["first"].replace("built here", "already present")
    (tmp_path / "check.json").write_text(json.dumps(said))
    assert sign(bundle, keys.private, "--check", tmp_path / "check.json").code == 0
    names = {path.name for path in bundle.with_name("tiny.statements").iterdir()}
    assert not any(name.startswith("provenance-first") for name in names)
    assert any(name.startswith("provenance-second") for name in names)


def test_a_check_that_failed_is_stated_and_refused(
    checked: Path, bundle: Path, keys: Keys, tmp_path: Path
) -> None:
    said = json.loads((checked / "check.json").read_text())
    said["verdicts"][0]["verified"] = False
    said["verdicts"][0]["rows"][0]["status"] = "failed"
    (tmp_path / "check.json").write_text(json.dumps(said))
    assert sign(bundle, keys.private, "--check", tmp_path / "check.json").code == 0
    done = verify(bundle, keys.public, "--json", tmp_path / "verdict.json")
    assert done.code == 1
    document = json.loads((tmp_path / "verdict.json").read_text())
    Draft202012Validator(SCHEMA).validate(document)
    assert {row["check"]: row["reason"] for row in document["rows"]}["statement"] == "test-failed"


def test_a_verdict_about_another_bundle_is_not_signed(
    checked: Path, bundle: Path, keys: Keys, tmp_path: Path
) -> None:
    said = json.loads((checked / "check.json").read_text())
    said["verdicts"][0]["bundle"] = "tiny-1.0.0-000000000000"
    (tmp_path / "check.json").write_text(json.dumps(said))
    done = sign(bundle, keys.private, "--check", tmp_path / "check.json")
    assert done.code == 2
    assert "no verdict about" in done.err
    assert not bundle.with_name("tiny.statements").exists()


def test_a_changed_bundle_is_not_signed(bundle: Path, keys: Keys) -> None:
    with next((bundle / "weights").iterdir()).open("ab") as file:
        file.write(b"\0")
    done = sign(bundle, keys.private)
    assert done.code == 1
    assert "contents-differ" in done.out
    assert not bundle.with_name("tiny.statements").exists()


@pytest.mark.parametrize("curve", ["secp384r1", "secp521r1"])
def test_other_curves_sign_too(curve: str, bundle: Path, tmp_path: Path) -> None:
    other = make_keys(tmp_path, curve)
    assert sign(bundle, other.private).code == 0
    assert verify(bundle, other.public).code == 0


@pytest.mark.parametrize("curve", ["secp256k1", "brainpoolP256r1"])
def test_a_curve_that_the_format_does_not_know_is_refused(curve: str, bundle: Path, tmp_path: Path) -> None:
    done = sign(bundle, make_keys(tmp_path, curve).private)
    assert done.code == 2
    assert "P-256" in done.err


def test_a_passphrase_comes_from_a_file(bundle: Path, keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "right").write_text("secret\n")
    (tmp_path / "wrong").write_text("open sesame\n")
    assert "has a passphrase" in sign(bundle, keys.locked).err
    assert "cannot be opened" in sign(bundle, keys.locked, "--passphrase-file", tmp_path / "wrong").err
    assert "no passphrase" in sign(bundle, keys.private, "--passphrase-file", tmp_path / "right").err
    assert sign(bundle, keys.locked, "--passphrase-file", tmp_path / "right").code == 0
    assert verify(bundle, keys.public).code == 0


def test_two_signers_are_both_asked_for(bundle: Path, keys: Keys, tmp_path: Path) -> None:
    second = make_keys(tmp_path)
    assert sign(bundle, keys.private).code == 0
    assert sign(bundle, second.private).code == 0
    assert verify(bundle, keys.public).code == 1
    assert verify(bundle, keys.public, "--key", second.public).code == 0


def test_signing_again_replaces_ones_own_statements(bundle: Path, keys: Keys) -> None:
    for _ in range(2):
        assert sign(bundle, keys.private).code == 0
    assert len(list(bundle.with_name("tiny.statements").iterdir())) == 2


OFFLINE = """
import os, sys
from pathlib import Path
before = {p: p.stat().st_mtime_ns for p in Path(os.environ["HOME"]).rglob("*")}
from verifier.cli import main
code = main(sys.argv[1:])
assert before == {p: p.stat().st_mtime_ns for p in Path(os.environ["HOME"]).rglob("*")}
sys.exit(code)
"""


def test_the_gate_needs_no_nix_no_network_and_no_home(bundle: Path, keys: Keys, tmp_path: Path) -> None:
    """In a network namespace with nothing in it, with an empty PATH and a home that nobody can write."""
    assert sign(bundle, keys.private).code == 0
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    argv = ["unshare", "--net", "--user", "--map-root-user", sys.executable, "-B", "-c", OFFLINE]
    done = subprocess.run(
        [*argv, "verify", str(bundle), "--key", str(keys.public)],
        cwd=REPOSITORY,
        env={"HOME": str(home), "PATH": os.environ["PATH"].split(":")[0] + "/nowhere:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare failed" in done.stderr:
        pytest.skip(f"no namespaces here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr
