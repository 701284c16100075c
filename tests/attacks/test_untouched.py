"""What is valid is verified, in each of the forms that clients write, and by the command as people run it."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import utils

from tests.attacks.attack import verify
from tests.attacks.promises import promised
from tests.attacks.scene import Scene, Spoil, edited, make_scene, rewritten
from tests.conftest import REPOSITORY
from tests.keyless import Bends, World

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
KEY_FORMS = {
    "no-entries": edited(lambda v: v["verificationMaterial"].pop("tlogEntries")),
    "entries-null": edited(lambda v: v["verificationMaterial"].update(tlogEntries=None)),
    "no-keyid": edited(lambda v: v["dsseEnvelope"]["signatures"][0].pop("keyid")),
    "keyid-null": edited(lambda v: v["dsseEnvelope"]["signatures"][0].update(keyid=None)),
    "certificate-null": edited(lambda v: v["verificationMaterial"].update(certificate=None)),
    "times-null": edited(lambda v: v["verificationMaterial"].update(timestampVerificationData=None)),
    "spaces": rewritten(lambda content: json.dumps(json.loads(content), indent=8).encode() + b"\n\n"),
}


def entry(**members: object) -> Spoil:
    return edited(lambda v: v["verificationMaterial"]["tlogEntries"][0].update(members))


KEYLESS_FORMS = {
    "keyid-empty": edited(lambda v: v["dsseEnvelope"]["signatures"][0].update(keyid="")),
    "time-zero": entry(integratedTime="0"),
    "time-null": entry(integratedTime=None),
    "promise-null": entry(inclusionPromise=None),
    "key-null": edited(lambda v: v["verificationMaterial"].update(publicKey=None)),
}


def twin(value: dict) -> None:
    """Anybody can make a second signature, (r, n - s), of one; what it signs is the same."""
    signature = value["dsseEnvelope"]["signatures"][0]
    r, s = utils.decode_dss_signature(base64.b64decode(signature["sig"]))
    signature["sig"] = base64.b64encode(utils.encode_dss_signature(r, P256_ORDER - s)).decode()


@pytest.mark.parametrize("form", [*KEY_FORMS.values(), edited(twin)], ids=[*KEY_FORMS, "twin"])
def test_form_of_a_key_signature_is_verified(form: Spoil, valid: dict[bool, Scene], tmp_path: Path) -> None:
    scene = valid[False].copy(tmp_path / "scene")
    form(scene)
    assert verify(scene).code == 0


@pytest.mark.parametrize("form", KEYLESS_FORMS.values(), ids=KEYLESS_FORMS)
def test_form_of_a_keyless_signature_is_verified(
    form: Spoil, valid: dict[bool, Scene], tmp_path: Path
) -> None:
    scene = valid[True].copy(tmp_path / "scene")
    form(scene)
    assert verify(scene).code == 0


def test_certificate_with_the_newer_of_the_issuers_is_verified(
    valid: dict[bool, Scene], tmp_path: Path
) -> None:
    """The older one, which is not DER, is there for older clients alone."""
    scene = valid[True].copy(tmp_path / "scene")
    with scene.world.bent(Bends(one_issuer=True)):
        scene.state(scene.payload())
    said = verify(scene)
    assert said.code == 0, said.out


@pytest.mark.parametrize("stamped", [False, True])
def test_entry_of_the_first_version_of_the_log_is_verified(
    stamped: bool, valid: dict[bool, Scene], tmp_path: Path
) -> None:
    """With the time that the log promises, and with a timestamp beside it."""
    scene = valid[True].copy(tmp_path / "scene")
    promised(stamped=stamped)(scene)
    said = verify(scene)
    assert said.code == 0, said.out


@pytest.mark.parametrize("member", ["logIndex", "hashes"])
@pytest.mark.parametrize("how", ["left out", "null"])
def test_first_entry_of_a_log_is_verified_without_its_defaults(member: str, how: str, tmp_path: Path) -> None:
    def change(value: dict) -> None:
        (one,) = value["verificationMaterial"]["tlogEntries"]
        for place in (one, one["inclusionProof"]):
            if member in place and how == "null":
                place[member] = None
            elif member in place:
                del place[member]

    with World.start(tmp_path / "world", fresh_log=True) as world:
        scene = make_scene(tmp_path / "scene", world, keyless=True)
        first = next(p for p in sorted(scene.statements.iterdir()) if '"logIndex": "0"' in p.read_text())
        edited(change, first.name.split("-")[0])(scene)
        said = verify(scene)
    assert said.code == 0, said.out


@pytest.mark.parametrize("keyless", [False, True])
def test_one_more_signer_may_sign(keyless: bool, valid: dict[bool, Scene], tmp_path: Path) -> None:
    """Who may sign is a list: a key and a person side by side."""
    scene, other = valid[keyless].copy(tmp_path / "scene"), valid[not keyless]
    assert verify(scene, *other.who).code == 0


@pytest.mark.parametrize(("spoilt", "code"), [(False, 0), (True, 1)])
@pytest.mark.parametrize("keyless", [False, True])
def test_command_as_people_run_it(
    spoilt: bool, code: int, keyless: bool, valid: dict[bool, Scene], tmp_path: Path
) -> None:
    scene = valid[keyless].copy(tmp_path / "scene")
    if spoilt:
        (scene.bundle / "code" / "network.py").write_text("CLASSES = 11\n")
    command = [sys.executable, "-m", "verifier", "verify", str(scene.bundle), *scene.who, "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == code, done.stderr
    assert json.loads(done.stdout)["verified"] is not spoilt
    assert "Traceback" not in done.stderr
