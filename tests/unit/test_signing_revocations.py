"""Lists of revocations: as a person writes them, as they are signed, and what they say of a digest or a signer."""

import hashlib
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from tests.unit.test_signing_statements import JSON
from verifier.errors import BadInput
from verifier.signing.keys import fingerprint, load_public_key
from verifier.signing.reasons import Reason, Refused
from verifier.signing.revocations import (
    RevocationList,
    RevokedSigner,
    parse_revocations,
    read_list,
    revocation_statement,
)
from verifier.signing.statement import Statement, parse_statement, statement_bytes

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DIGEST, KEY, DERIVATION = "a" * 64, "b" * 64, "/nix/store/0c1x2m3n4p5q6r7s8v9w0y1z2a3b4c5d-tiny.drv"
GOOD = f"""\
number: 7
digests:
  - {{ sha256: "{DIGEST}", reason: a poisoned wheel }}
signers:
  - {{ key: "{KEY}", reason: the laptop was stolen }}
  - signer: ci@example.org
    issuer: https://accounts.example.org
    from: "2026-11-26T11:00:00Z"
    until: "2026-11-26T13:00:00Z"
    reason: the pipeline was taken over
derivations:
  - {{ path: {DERIVATION}, reason: built with a compiler that lies }}
"""
CI = "ci@example.org https://accounts.example.org"


def read(folder: Path, text: str = GOOD) -> RevocationList:
    path = folder / "revocations.yaml"
    path.write_text(text)
    return read_list(path, NOON)


def again(found: RevocationList) -> Statement:
    return parse_statement(statement_bytes(revocation_statement(found)))


def test_list_that_is_signed_is_the_one_that_was_written(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert parse_revocations(again(found)) == found
    assert (found.number, found.issued) == (7, NOON)


def test_digest_and_derivation_are_revoked_with_their_reasons(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.digest_revoked(["c" * 64, DIGEST]) == (DIGEST, "a poisoned wheel")
    assert found.digest_revoked(["c" * 64]) is None
    assert found.derivation_revoked(DERIVATION) == "built with a compiler that lies"
    assert found.derivation_revoked("/nix/store/other.drv") is None


def test_signer_without_a_window_is_revoked_always(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.signer_revoked(KEY, ()) == "the laptop was stolen"
    assert found.signer_revoked(KEY, (NOON,)) == "the laptop was stolen"
    assert found.signer_revoked("c" * 64, ()) is None


@pytest.mark.parametrize(
    ("times", "revoked"),
    [
        ((NOON,), True),
        ((NOON - HOUR,), True),
        ((NOON + HOUR,), True),
        ((NOON - 2 * HOUR,), False),
        ((NOON + 2 * HOUR,), False),
        ((NOON + 2 * HOUR, NOON), True),
        ((), True),
    ],
)
def test_signer_is_revoked_in_the_window(times: tuple[datetime, ...], revoked: bool, tmp_path: Path) -> None:
    """A time that nobody proves may be any; of two proven ones each is one at which it was signed."""
    said = read(tmp_path).signer_revoked(CI, times)
    assert said == ("the pipeline was taken over" if revoked else None)


@pytest.mark.parametrize(("start", "end"), [(NOON, None), (None, NOON), (None, None)])
def test_window_may_be_open(start: datetime | None, end: datetime | None) -> None:
    signer = RevokedSigner(identifier=CI, start=start, end=end, reason="x")
    assert signer.covers((NOON,))
    assert signer.covers((NOON - HOUR,)) is (start is None)
    assert signer.covers((NOON + HOUR,)) is (end is None)


def test_issuer_is_part_of_the_signer(tmp_path: Path) -> None:
    assert read(tmp_path).signer_revoked("ci@example.org https://other.example.org", ()) is None


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("number: 7\n", "", 1, "number"),
        ("number: 7", "number: 0", 1, "above 0"),
        ("number: 7", "number: seven", 1, "a whole number"),
        ("number: 7", "nunber: 7", 1, "number"),
        (DIGEST, DIGEST.upper(), 3, "hexadecimal"),
        ("reason: a poisoned wheel", 'reason: " "', 3, "not empty"),
        (", reason: a poisoned wheel", "", 3, "reason"),
        ("key:", "kye:", 5, "'key'"),
        ("    issuer: https://accounts.example.org\n", "", 6, "'signer' with 'issuer'"),
        ("    issuer:", f'    key: "{KEY}"\n    issuer:', 6, "'signer' with 'issuer'"),
        ('key: "' + KEY + '", ', "", 5, "'signer' with 'issuer'"),
        ('"2026-11-26T11:00:00Z"', "2026-11-26T11:00:00Z", 8, "put it in quotes"),
        ("2026-11-26T11:00:00Z", "2026-11-26", 8, "a time such as"),
        ("2026-11-26T11:00:00Z", "2026-11-31T11:00:00Z", 6, "no time that a calendar has"),
        ("2026-11-26T13:00:00Z", "2026-11-26T10:00:00Z", 6, "ends before it begins"),
        (DERIVATION, "/nix/store/x", 12, ".drv"),
        ("number: 7", "number: &n 7", 1, "anchors"),
        ("number: 7", "number: 7\nnumber: 8", 2, "twice"),
    ],
)
def test_list_that_is_wrong_is_one_sentence_with_its_line(
    old: str, new: str, line: int, said: str, tmp_path: Path
) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as refused:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert f"revocations.yaml, line {line}: " in refused.value.sentence
    assert said in refused.value.sentence
    assert refused.value.advice


@pytest.mark.parametrize("text", ["", "[]", "7", "number: 7\nsigners: {}\n"])
def test_file_that_is_no_list_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        read(tmp_path, text)


def test_empty_list_revokes_nothing(tmp_path: Path) -> None:
    """Somebody has to be able to say that there is nothing."""
    found = parse_revocations(again(read(tmp_path, "number: 1\n")))
    assert found.digest_revoked([DIGEST]) is None
    assert found.signer_revoked(KEY, ()) is None


def signed_list(folder: Path, **changed: object) -> Statement:
    """The statement about a good list, of which the list itself says something else."""
    statement = again(read(folder))
    document = {**statement.predicate["list"], **changed}
    return replace(statement, predicate={**statement.predicate, "list": document})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"digests": []}, Reason.WRONG_SUBJECT),
        ({"number": 6}, Reason.WRONG_SUBJECT),
        ({"number": "7"}, Reason.UNKNOWN_FORMAT),
        ({"number": True}, Reason.UNKNOWN_FORMAT),
        ({"signers": [{"reason": "x"}]}, Reason.UNKNOWN_FORMAT),
        ({"signers": [{"key": KEY, "from": "2026-13-01T00:00:00Z", "reason": "x"}]}, Reason.UNKNOWN_FORMAT),
        ({"domains": []}, Reason.UNKNOWN_FORMAT),
    ],
)
def test_signed_list_in_another_form_is_refused(changed: dict, reason: Reason, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        parse_revocations(signed_list(tmp_path, **changed))
    assert refused.value.reason is reason


def test_list_that_does_not_say_when_it_was_issued_is_refused(tmp_path: Path) -> None:
    statement = again(read(tmp_path))
    for issued in (None, "", "2026-11-26", "2026-02-30T00:00:00Z"):
        with pytest.raises(Refused, match="when the list was issued"):
            parse_revocations(replace(statement, predicate={**statement.predicate, "issuedOn": issued}))


def test_statement_of_another_kind_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        parse_revocations(replace(again(read(tmp_path)), predicate_type="urn:samebits:revocations:v2"))
    assert refused.value.reason is Reason.UNKNOWN_TYPE


def test_example_of_the_reference_is_a_list(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / "reference" / "signing.md").read_text(encoding="utf-8")
    lines = page[page.index("    number: 7 ") :].split("\n\n")[0].splitlines()
    text = "\n".join(line.removeprefix("    ") for line in lines)
    found = read(tmp_path, text.replace("…64 digits…", DIGEST).replace("/nix/store/….drv", DERIVATION))
    assert found.signer_revoked(CI, (NOON,)) is None
    assert found.signer_revoked(CI, (NOON.replace(day=21),)) == "the pipeline was taken over"
    assert found.derivation_revoked(DERIVATION)


def test_fingerprint_is_the_sha256_of_the_file_that_openssl_writes(tmp_path: Path) -> None:
    make = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "key.pem"]
    subprocess.run(make, cwd=tmp_path, check=True, capture_output=True)
    give = ["openssl", "pkey", "-in", "key.pem", "-pubout", "-out", "key.pub"]
    subprocess.run(give, cwd=tmp_path, check=True, capture_output=True)
    content = (tmp_path / "key.pub").read_bytes()
    assert fingerprint(load_public_key(tmp_path / "key.pub")) == hashlib.sha256(content).hexdigest()


@given(st.fixed_dictionaries({"issuedOn": JSON, "list": JSON}))
def test_any_list_is_refused(predicate: dict) -> None:
    kind = "urn:samebits:revocations:v1"
    with pytest.raises(Refused):
        parse_revocations(Statement(name="x", sha256="0", predicate_type=kind, predicate=predicate))
