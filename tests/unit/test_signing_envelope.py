"""Sigstore bundles as they are written and read; the attacks on them are in tests/attacks."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.signing.envelope import (
    MOST_BYTES,
    key_signed_document,
    parse_signed,
    pre_authentication_encoding,
    read_signed,
)
from verifier.signing.reasons import Reason, Refused


def test_what_is_signed_is_the_encoding_of_dsse() -> None:
    assert pre_authentication_encoding(b"{ }") == b"DSSEv1 28 application/vnd.in-toto+json 3 { }"


@given(st.binary(min_size=1), st.binary(min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_written_is_read(payload: bytes, signature: bytes, hint: str) -> None:
    signed = parse_signed(key_signed_document(payload, signature, hint), "x")
    assert (signed.payload, signed.signature, signed.hint, signed.certificate) == (
        payload,
        signature,
        hint,
        None,
    )
    assert signed.message == pre_authentication_encoding(payload)


@given(st.binary(max_size=300))
def test_bytes_are_refused_or_read_and_nothing_else(content: bytes) -> None:
    with pytest.raises(Refused):
        parse_signed(content, "x")


def test_defaults_are_filled_in() -> None:
    proof = {"rootHash": "AAAA", "treeSize": "1", "checkpoint": {"envelope": "log\n1\nAAAA\n\n— log AAAA\n"}}
    entry = {
        "logId": {"keyId": "AAAA"},
        "kindVersion": {"kind": "x", "version": "1"},
        "canonicalizedBody": "AAAA",
    }
    value = json.loads(key_signed_document(b"x", b"y", "z"))
    value["verificationMaterial"] = {
        "certificate": {"rawBytes": "AAAA"},
        "publicKey": None,
        "tlogEntries": [{**entry, "inclusionProof": {**proof, "hashes": None}, "logIndex": None}],
    }
    signed = parse_signed(json.dumps(value).encode(), "x")
    assert (signed.hint, signed.certificate) == (None, base64.b64decode("AAAA"))
    (read,) = signed.document["verificationMaterial"]["tlogEntries"]
    assert (read["logIndex"], read["inclusionProof"]["logIndex"], read["inclusionProof"]["hashes"]) == (
        "0",
        "0",
        [],
    )


@pytest.mark.parametrize(
    "envelope",
    ["", "log\n1\nAAAA\n", "log\n1\nAAAA\n\n", "log\nx\nAAAA\n\n— log AAAA\n", "log\n1\nAAAA\n\n— log AA:A\n",
     "log\n1\nAAAA\n\n— log AAAA", "log\n1\nAAAA\n\n— log AAAA\n\n"],
)  # fmt: skip
def test_checkpoint_of_another_form_is_refused(envelope: str) -> None:
    proof = {"rootHash": "AAAA", "treeSize": "1", "checkpoint": {"envelope": envelope}}
    entry = {
        "logId": {"keyId": "AAAA"},
        "kindVersion": {"kind": "x", "version": "1"},
        "canonicalizedBody": "AAAA",
    }
    value = json.loads(key_signed_document(b"x", b"y", "z"))
    value["verificationMaterial"]["tlogEntries"] = [{**entry, "inclusionProof": proof}]
    with pytest.raises(Refused, match="checkpoint") as refused:
        parse_signed(json.dumps(value).encode(), "x")
    assert refused.value.reason is Reason.UNKNOWN_FORMAT


def test_large_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(Refused, match="MiB") as refused:
        read_signed(tmp_path / "large")
    assert refused.value.reason is Reason.TOO_LARGE
