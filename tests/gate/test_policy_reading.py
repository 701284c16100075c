"""A policy says what it says, or is refused with file, line and the sentence that a person needs."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.gate.policies import at, read, refusal, tier, waiver, write
from tests.gate.scene import policy
from verifier.cli import main
from verifier.contract.values import Metric
from verifier.policy.reading import read_policy
from verifier.policy.terms import WAIVABLE, Certified, Floor, Level, PinnedRoot, Quorum
from verifier.schemas import OWN, load_schema
from verifier.signing.reasons import Reason

CERTIFICATES = [{"signer": "alice@example.org", "issuer": "https://accounts.example.org"}]


def test_parties_are_read(tmp_path: Path) -> None:
    found = read(tmp_path).parties
    assert list(found) == ["ci", "second", "third", "alice", "bob", "security"]
    assert (found["ci"].operator, found["ci"].platform) == ("acme", "x86-64")
    assert (found["alice"].operator, len(found["alice"].keys)) == (None, 1)


def test_a_tier_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, tier(level="tolerance", rollback="allowed")).tiers["high"]
    assert (found.level, found.sign, found.variations) == (Level.TOLERANCE, ("ci",), ("cores", "clock"))
    assert found.rebuilders == Quorum(count=2, of=("ci", "second", "third"))
    assert found.approvals == Quorum(count=1, of=("alice", "bob", "ci"))
    assert found.metrics == (Floor(metric=Metric("accuracy", ""), minimum=0.4),)
    assert (found.verified_within, found.rollback_refused) == (timedelta(days=30), False)


@pytest.mark.parametrize(
    ("text", "length"),
    [("90s", timedelta(seconds=90)), ("5m", timedelta(minutes=5)), ("12h", timedelta(hours=12))],
)
def test_lengths_of_time_are_read(text: str, length: timedelta, tmp_path: Path) -> None:
    assert read(tmp_path, tier(verified_within=text)).tiers["high"].verified_within == length


def test_certificates_and_their_root_are_read(tmp_path: Path) -> None:
    def change(policy: dict) -> None:
        policy["parties"]["alice"]["certificates"] = CERTIFICATES
        policy["trusted_root"] = {"file": "root.json", "sha256": "0" * 64}

    found = read(tmp_path, change)
    assert found.parties["alice"].certificates == (Certified(**CERTIFICATES[0]),)
    assert found.trusted_root == PinnedRoot(path=tmp_path / "root.json", sha256="0" * 64)


def test_an_exception_is_read(tmp_path: Path) -> None:
    (found,) = read(tmp_path, at("exceptions", value=[waiver(bundle="a" * 64)])).waivers
    assert (found.identifier, found.model, found.version, found.bundle) == ("EX-1", "tiny", "1.0.0", "a" * 64)
    assert (found.reasons, found.expires) == ({str(Reason.ROLLBACK)}, date(2027, 1, 31))


def test_digest_is_that_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path)
    before = read_policy(path).sha256
    path.write_text(path.read_text() + "# a comment\n")
    assert read_policy(path).sha256 != before


def test_a_count_with_a_point_is_a_whole_number(tmp_path: Path) -> None:
    assert repr(read(tmp_path, at("tiers", "high", "rebuilders", "count", value=2.0)).tiers["high"]) == repr(
        read(tmp_path).tiers["high"]
    )


@pytest.mark.parametrize("code", sorted(set(Reason) - WAIVABLE))
def test_what_the_bundle_is_and_who_speaks_of_it_has_no_exception(code: str, tmp_path: Path) -> None:
    said, _ = refusal(tmp_path, at("exceptions", value=[waiver(reasons=[str(code)])]))
    assert said.startswith(f"no exception lets {str(code)!r} pass")


def test_anchors_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text(path.read_text().replace("sign:\n", "sign: &all\n", 1))
    assert main(["policy", "lint", str(path)]) == 2


def test_every_description_completes_the_sentence() -> None:
    def parts(schema: object) -> list[dict]:
        inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
        here = [schema] if isinstance(schema, dict) and {"type", "enum", "const"} & schema.keys() else []
        return here + [part for value in inner for part in parts(value)]

    schema = load_schema(OWN / "policy.schema.json")
    held = [part for part in parts(schema) if isinstance(part.get("type", ""), str)]
    assert [part for part in held if "description" not in part] == []
    assert policy()["schema"] == schema["properties"]["schema"]["const"]
