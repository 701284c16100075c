"""No byte of a statement or of a bundle can be changed, added or taken away, but in ways that say the same."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attacks.attack import verify
from tests.attacks.bits import Place, flip_bytes
from tests.attacks.parts import CERTIFICATE, ENTRY, PROOF, TIME
from tests.attacks.scene import Scene
from tests.attacks.test_attacks import hold_to_form
from tests.unit.bundles import list_files
from verifier.schemas import parse_json

OURS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
HOW, WHERE = st.sampled_from(["change", "insert", "delete"]), st.floats(0, 1, exclude_max=True)
EDITS = st.tuples(HOW, WHERE, st.binary(min_size=1, max_size=1))
VALUES = {"metrics": b"0.5", "manifest": b'"1.0.0"'}
BYTES = [
    *(CERTIFICATE, TIME, (*ENTRY, "canonicalizedBody"), (*ENTRY, "logId", "keyId"), (*PROOF, "rootHash")),
    *((*PROOF, "hashes", 0), ("dsseEnvelope", "payload"), ("dsseEnvelope", "signatures", 0, "sig")),
]
HEADER, DEEPEST = "— ", 1100


@pytest.fixture(params=[False, True], ids=["key", "keyless"])
def scene(request: pytest.FixtureRequest, valid: dict[bool, Scene], tmp_path: Path) -> Scene:
    return valid[request.param].copy(tmp_path / "scene")


def spoilt(content: bytes, edit: tuple[str, float, bytes]) -> bytes:
    how, where, byte = edit
    at = int(where * len(content))
    rest = content[at:] if how == "insert" else content[at + 1 :]
    return content[:at] + (b"" if how == "delete" else byte) + rest


def proven(document: object) -> object:
    """What somebody vouches for of a statement's file; the rest says nothing.

    Of a timestamp only the size is taken: it holds certificates that its authority does not sign. Before each
    signature of a checkpoint stands a name that is not signed.
    """
    for *above, last in (TIME, (*PROOF, "checkpoint", "envelope")):
        value = document
        try:
            for part in above:
                value = value[part]
            text = value[last]
        except (KeyError, IndexError, TypeError):
            continue
        lines = [line.rpartition(" ")[2] if line.startswith(HEADER) else line for line in text.split("\n")]
        value[last] = len(base64.b64decode(text)) if last == TIME[-1] else lines
    return document


@OURS
@given(edit=EDITS)
def test_byte_of_a_statement(edit: tuple[str, float, bytes], scene: Scene) -> None:
    path = scene.statement()
    before = path.read_bytes()
    try:
        path.write_bytes(spoilt(before, edit))
        said = verify(scene, "--statements", str(path))
        hold_to_form(said)
        if said.code == 0:
            assert proven(parse_json(path.read_text())) == proven(parse_json(before.decode()))
        else:
            assert said.code == 1
    finally:
        path.write_bytes(before)


@OURS
@given(edit=EDITS, place=st.sampled_from(BYTES))
def test_byte_inside_the_base64(
    edit: tuple[str, float, bytes], place: Place, valid: dict[bool, Scene]
) -> None:
    """Certificates and timestamps are read by parsers that raise what they like; none of it is to be seen."""
    scene = valid[True]
    path = scene.folder / "spoilt.json"
    before = scene.statement().read_text()
    value = json.loads(before)
    flip_bytes(place, lambda content: spoilt(content, edit))(value)
    path.write_text(json.dumps(value))
    said = verify(scene, "--statements", str(path))
    hold_to_form(said)
    assert said.code == 1 or proven(value) == proven(json.loads(before))


@OURS
@given(edit=EDITS, which=st.integers(0, 5))
def test_byte_of_a_bundle(edit: tuple[str, float, bytes], which: int, scene: Scene) -> None:
    path = sorted(path for path in scene.bundle.rglob("*") if path.is_file())[which]
    before = path.read_bytes()
    try:
        path.write_bytes(spoilt(before, edit))
        said = verify(scene, "--statements", str(scene.statement()))
        hold_to_form(said)
        assert said.code == (0 if path.read_bytes() == before else 1)
    finally:
        path.write_bytes(before)


def nested(content: bytes, old: bytes, depth: int) -> bytes:
    assert old in content
    return content.replace(old, b"[" * depth + b"]" * depth, 1)


@pytest.mark.parametrize("part", ["envelope", "predicate", "metrics", "manifest"])
def test_no_depth_is_just_too_deep(part: str, valid: dict[bool, Scene], tmp_path: Path) -> None:
    """What can be parsed may still be too deep to be compared or shown."""
    scene = valid[False].copy(tmp_path / "scene")
    envelope, payload = scene.statement("evaluation").read_bytes(), scene.payload("evaluation")
    for depth in range(600, DEEPEST, 4):
        if part == "envelope":
            scene.statement("evaluation").write_bytes(nested(envelope, b'""', depth))
        elif part == "predicate":
            scene.state(nested(payload, b"0.5", depth), "evaluation")
        else:
            path = valid[False].bundle / f"{part}.json"
            (scene.bundle / path.name).write_bytes(nested(path.read_bytes(), VALUES[part], depth))
            if part == "metrics":
                list_files(scene.bundle)
        said = verify(scene)
        hold_to_form(said)
        assert said.code == 1
