"""A rebuilder's answer is a stranger's: whatever is in it is held against what was asked, before it is kept."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.attacks.scene import VERDICT
from tests.gate.scene import KEYS
from tests.unit.bundles import write_bundle
from verifier.errors import CouldNotCheck
from verifier.rebuild import remote
from verifier.rebuild.attested import attested_by
from verifier.signing.contents import read_contents
from verifier.signing.provenance import provenance
from verifier.signing.sign import KeySigner
from verifier.signing.statement import Statement, statement_bytes
from verifier.verdict import Attested

FILE = "provenance-rebuild-abc.sigstore.json"
DERIVATION = "tiny.drv"


@pytest.fixture
def statement(tmp_path: Path) -> Statement:
    return provenance(read_contents(write_bundle(tmp_path / "tiny")), {**VERDICT}, "first", "urn:test:x")


def answer(statement: Statement, **changes: object) -> dict:
    signed = json.loads(KeySigner(KEYS["second"]).sign(statement_bytes(statement)))
    said = {"schema": "samebits/attested/v1", "bundle": statement.name, "root_sha256": statement.sha256}
    return {**said, "statements": {FILE: signed}, **changes}


def asked(
    content: str, monkeypatch: pytest.MonkeyPatch, *, code: int = 0, version: str = "1.0.0"
) -> Attested:
    """Asks a host that prints `content`."""
    words = f"sys.stdout.write({content!r}); print('no key\\nmore', file=sys.stderr); sys.exit({code})"
    program = f"import sys; {words}"
    monkeypatch.setattr(remote.Remote, "ssh", lambda _self, _words: [sys.executable, "-c", program])
    host = remote.parse_remote("ssh-ng://second")
    return attested_by(host, "verifier", DERIVATION, "tiny", version)


def test_statement_about_what_was_asked_is_kept(
    statement: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = asked(json.dumps(answer(statement)), monkeypatch)
    assert (found.bundle, found.root) == (statement.name, statement.sha256)
    assert list(found.statements) == [FILE]


def test_statement_about_other_bits_is_kept_too(
    statement: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is what a gate has to see."""
    other = replace(statement, sha256="f" * 64)
    assert asked(json.dumps(answer(other)), monkeypatch).root == "f" * 64


@pytest.mark.parametrize(
    "name", ["../evil.sigstore.json", "a/b.sigstore.json", "UPPER.sigstore.json", "x.json", ""]
)
def test_file_name_that_leads_elsewhere_is_refused(
    name: str, statement: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = answer(statement)
    said["statements"] = {name: said["statements"][FILE]}
    with pytest.raises(CouldNotCheck, match="states something else"):
        asked(json.dumps(said), monkeypatch)


def changed(value: dict, *path: str, to: object) -> dict:
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return value


@pytest.mark.parametrize(
    "path",
    [
        ("externalParameters", "model"),
        ("externalParameters", "version"),
        ("internalParameters", "derivation"),
    ],
    ids=lambda path: path[-1],
)
def test_statement_about_something_else_is_refused(
    path: tuple[str, str], statement: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    predicate = json.loads(json.dumps(statement.predicate))
    changed(predicate, "buildDefinition", *path, to="other")
    with pytest.raises(CouldNotCheck, match="from another derivation"):
        asked(json.dumps(answer(replace(statement, predicate=predicate))), monkeypatch)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"schema": 1}',
        "{" * 5000,
        '{"a":1,"a":2}',
        "\ud800".encode("utf-8", "surrogatepass").hex(),
    ],
)
def test_answer_that_is_none_is_refused(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CouldNotCheck, match="states something else"):
        asked(content, monkeypatch)


def test_answer_about_two_bundles_is_refused(statement: Statement, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CouldNotCheck, match="another bundle than the answer"):
        asked(json.dumps(answer(statement, root_sha256="0" * 64)), monkeypatch)


def test_host_that_fails_is_quoted_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CouldNotCheck) as error:
        asked("", monkeypatch, code=2)
    assert error.value.sentence == "second states nothing: no key"
    assert "docs/guides/rebuilders.md" in error.value.advice
