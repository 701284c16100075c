"""The document of a release: made from a bundle, with exact numbers, or refused."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.unit.bundles import SHA256, SOURCE, TOOLCHAIN, write_bundle, write_file
from tests.unit.released import make_document, make_model, release, store_path
from verifier.bundle import read_bundle
from verifier.errors import BadInput, CouldNotCheck
from verifier.release import document as module
from verifier.release.canonical import readable
from verifier.release.document import STEPS, make_release
from verifier.release.params import read_params
from verifier.schemas import OWN, mismatch


def test_document_matches_its_schema_and_names_the_bundle(tmp_path: Path) -> None:
    document = make_document(tmp_path / "tiny")
    assert mismatch(document, OWN / "release.schema.json") is None
    assert document["identifier"] == read_bundle(tmp_path / "tiny").identifier
    assert document["steps"]["train"] == {"derivation": store_path("train.drv"), "nar_sha256": SHA256}  # type: ignore[index]


def test_every_file_of_the_bundle_is_listed_once(tmp_path: Path) -> None:
    document = make_document(tmp_path / "tiny")
    listed = [path for kind in ("code", "weights", "files") for path in document[kind]]  # type: ignore[attr-defined]
    there = [
        p.relative_to(tmp_path / "tiny").as_posix() for p in (tmp_path / "tiny").rglob("*") if p.is_file()
    ]
    assert sorted([*listed, "manifest.json"]) == sorted(there)


def test_numbers_keep_every_digit(tmp_path: Path) -> None:
    used = {"train": {"wall_seconds": 0.1 + 0.2, "peak_memory_bytes": 2**60 + 1}}
    document = make_document(tmp_path / "tiny", resources=used)
    assert json.loads(readable(document)) == document


def test_next_release_names_the_one_before(tmp_path: Path) -> None:
    first = release(make_document(tmp_path / "tiny"))
    document = make_document(tmp_path / "tiny", previous=first)
    assert document["previous"] == {"version": "1.0.0", "digest": first.digest}


def test_what_is_not_printable_is_escaped(tmp_path: Path) -> None:
    document = {**make_document(tmp_path / "tiny"), "params": {"text": "\x1b[31m\u202eü"}}
    assert "\x1b" not in readable(document)
    assert "\u202e" not in readable(document)
    assert json.loads(readable(document)) == document


def test_bundle_of_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"is tiny 1\.0\.0, and not tiny 1\.1\.0"):
        make_document(tmp_path / "tiny", model=make_model("1.1.0"))


def test_step_without_a_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CouldNotCheck, match="it is not known what train of tiny gave"):
        make_document(tmp_path / "tiny", nar_sha256={step: SHA256 for step in STEPS if step != "train"})


def test_deb_and_wheel_of_one_name_are_told_apart() -> None:
    deb = {**SOURCE, "kind": "deb", "version": "1.0"}
    found = module._toolchain({**TOOLCHAIN, "sources": [SOURCE, deb, {**SOURCE, "name": "torch"}]})
    assert found["packages"] == {"deb/numpy": "1.0", "torch": "2.4.6", "wheel/numpy": "2.4.6"}


def test_parameters_are_read_with_their_types(tmp_path: Path) -> None:
    path = write_file(
        tmp_path, "params.yaml", b"seed: 1\nhyperparameters: {rate: 1.0e-3, on: [true, null, '2']}\n"
    )
    with pytest.raises(BadInput, match="is no text"):  # `on` is true in YAML
        read_params(path)
    path.write_text("seed: 1\nhyperparameters: {rate: 1.0e-3, 'on': [true, null, '2']}\n")
    assert read_params(path) == {"seed": 1, "hyperparameters": {"rate": 0.001, "on": [True, None, "2"]}}


BOMB = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    "text",
    [
        "- 1\n",
        "",
        "a: .nan\n",
        "a: 2026-01-01\n",
        "a: 2026-13-01\n",
        "a: 1\na: 2\n",
        "1: 2\n",
        "a: [\n",
        "a: &a [*a]\n",
        "{[1]: 2}\n",
        BOMB,
        "[" * 5000,
    ],
)
def test_parameters_that_json_has_no_word_for_are_refused(text: str, tmp_path: Path) -> None:
    path = write_file(tmp_path, "params.yaml", text.encode())
    with pytest.raises(BadInput, match=r"params\.yaml"):
        read_params(path)


def test_parameters_end_up_in_the_document(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "tiny")
    write_file(folder, "params.yaml", b"seed: 7\n")
    document = make_release(
        folder,
        model=make_model(),
        nar_sha256=dict.fromkeys(STEPS, SHA256),
        resources={},
        calibration_seconds=None,
        level="within tolerance",
        date=date(2026, 1, 2),
        previous=None,
    )
    assert (document["params"], document["date"]) == ({"seed": 7}, "2026-01-02")
