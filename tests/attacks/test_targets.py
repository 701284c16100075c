"""Where the result goes, and what is named on the command line, changes nothing that is judged."""

import os
from pathlib import Path

import pytest

from tests.attacks.attack import reasons, verify
from tests.attacks.scene import SIGNER, Scene
from verifier.cli import main


@pytest.fixture
def scene(valid: dict[bool, Scene], tmp_path: Path) -> Scene:
    return valid[False].copy(tmp_path / "scene")


def times(scene: Scene) -> dict[Path, int]:
    return {path: path.lstat().st_ctime_ns for path in (scene.bundle, *scene.folder.rglob("*"))}


@pytest.mark.parametrize(
    "target",
    [
        "tiny/out.json",
        "tiny/metrics.json",
        "tiny",
        "tiny.statements/out.json",
        "link/out.json",
        "code/../tiny/o",
    ],
)
def test_json_into_what_is_judged_is_bad_usage(target: str, scene: Scene) -> None:
    (scene.folder / "link").symlink_to("tiny/code")
    before = times(scene)
    said = verify(scene, "--json", str(scene.folder / target))
    assert (said.code, said.out) == (2, "")
    assert times(scene) == before


def test_json_over_the_one_statement_is_bad_usage(scene: Scene) -> None:
    one = scene.statement()
    said = verify(scene, "--statements", str(one), "--json", str(one))
    assert (said.code, said.out) == (2, "")
    assert verify(scene).code == 0


@pytest.mark.parametrize(
    "more",
    [["-o", "{}/tiny"], ["-o", "{}/tiny/sigs"], ["--json", "{}/tiny/o"], ["--json", "{}/tiny.statements/o"]],
)
def test_signing_writes_nothing_into_the_bundle(more: list[str], scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(b"")
    before = times(scene)
    argv = [word.replace("{}", str(scene.folder)) for word in more]
    assert main(["sign", str(scene.bundle), "--key", str(tmp_path / "key.pem"), *argv]) == 2
    assert times(scene) == before


def test_link_in_the_place_of_what_is_written_first_is_not_followed(scene: Scene) -> None:
    """Its name can be guessed, and a folder may be one that others write to."""
    victim = scene.folder / "victim"
    victim.write_text("mine")
    target = scene.folder / "out.json"
    target.with_name(f".out.json.{os.getpid()}").symlink_to(victim)
    assert verify(scene, "--json", str(target)).code in (2, 3)
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("bundle", ["/", ".", "..", "tiny/..", "./tiny/"])
def test_folder_of_any_name_is_a_sentence(
    bundle: str, scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(scene.folder)
    assert main(["verify", bundle, *scene.who]) == {"/": 2, "./tiny/": 0}.get(bundle, 1)
    assert "Traceback" not in capsys.readouterr().err


def test_bundle_one_stands_in_is_verified(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(scene.bundle)
    assert main(["verify", ".", *scene.who]) == 0
    monkeypatch.chdir(scene.bundle / "code")
    assert main(["verify", "..", *scene.who]) == 0


@pytest.mark.parametrize("who", [("", ""), (SIGNER, ""), ("", "https://example.org")])
def test_signer_or_issuer_that_is_empty_is_bad_usage(
    who: tuple[str, str], scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a variable of a shell is that nobody has set; also beside a key that did sign."""
    assert main(["verify", str(scene.bundle), *scene.who, "--signer", who[0], "--issuer", who[1]]) == 2
    assert "is empty" in capsys.readouterr().err


def test_two_keys_in_one_file_are_bad_usage(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """The first alone would be read, and whoever wrote the file meant both."""
    path = scene.folder / "key.pub"
    path.write_bytes(path.read_bytes() * 2)
    assert main(["verify", str(scene.bundle), *scene.who]) == 2
    assert "more than one key" in capsys.readouterr().err


def test_issuer_that_looks_like_another_is_shown_as_it_is(valid: dict[bool, Scene], tmp_path: Path) -> None:
    scene = valid[True].copy(tmp_path / "scene")
    alike = scene.world.issuer.replace("http", "htt\u0440")  # Cyrillic er
    scene.statement().write_text(scene.world.signed(scene.payload(), SIGNER, issuer=alike))
    said = verify(scene)
    assert {str(reason) for reason in reasons(said)} == {"wrong-issuer"}
    assert "htt\\u0440://" in said.out
