"""Every attack is refused, for its reason, by the real command; what is valid is not."""

import json
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.attacks.attack import Attack, Said, reasons, verify
from tests.attacks.corpus import CORPUS
from tests.attacks.scene import Scene
from tests.conftest import REPOSITORY

SCHEMA = json.loads((REPOSITORY / "verifier" / "schemas" / "verification.schema.json").read_text())


def hold_to_form(said: Said) -> None:
    """No attack breaks the command, its report or the terminal it is shown on."""
    assert "Traceback" not in said.out + said.err
    assert all(line.isprintable() for line in (said.out + said.err).splitlines())
    assert len(said.out + said.err) < 20_000
    if said.document is not None:
        Draft202012Validator(SCHEMA).validate(said.document)
        assert said.document["verified"] is (said.code == 0)


@pytest.mark.parametrize("attack", CORPUS, ids=lambda attack: attack.name)
def test_attack_is_refused(attack: Attack, valid: dict[bool, Scene], tmp_path: Path) -> None:
    scene = valid[attack.keyless].copy(tmp_path / "scene")
    try:
        attack.spoil(scene)
    except PermissionError as error:  # making a device is for root
        pytest.skip(f"not for this user: {error}")
    said = verify(scene)
    hold_to_form(said)
    if attack.reason is None:
        assert (said.code, said.out, said.document) == (2, "", None)
        return
    assert said.code == 1, said.out + said.err
    assert reasons(said) == set(attack.reasons), said.out
    assert "NOT VERIFIED" in said.out


def test_every_attack_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(attack.name for attack in CORPUS).items() if count > 1] == []


@pytest.mark.parametrize("keyless", [False, True])
def test_what_nobody_touched_is_verified(keyless: bool, valid: dict[bool, Scene], tmp_path: Path) -> None:
    said = verify(valid[keyless].copy(tmp_path / "scene"))
    hold_to_form(said)
    assert said.code == 0, said.out
    always = {"files", "signature", "evaluation", "rebuild", "provenance"}
    later = set() if keyless else {"contract", "approval", "summary"}
    assert {row["check"] for row in said.document["rows"]} == always | later
