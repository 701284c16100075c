"""Records of equal double builds: what is damaged or about something else counts as none."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.rebuild import records

DRV = "/nix/store/00000000000000000000000000000000-tiny-1.0.0.drv"
HASHES = {DRV: "a" * 64}


def remember(hashes: dict[str, str] | None = None, derivation: str = DRV) -> Path:
    """Remembers a double build and returns the file of its record."""
    record = records.Record(
        derivation=derivation,
        hashes=hashes or HASHES,
        date=records.now(),
        nix="2.8.0",
        surroundings="an empty store",
    )
    records.remember(record)
    return records.path_of(derivation)


def test_what_was_remembered_is_found() -> None:
    remember()
    record = records.find(DRV)
    assert record is not None
    assert (record.derivation, record.hashes, record.nix) == (DRV, HASHES, "2.8.0")
    assert record.surroundings == "an empty store"


def test_nothing_remembered_is_nothing_found() -> None:
    assert records.find(DRV) is None


def test_record_lies_in_the_state_folder(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "samebits" / "rebuilds"
    assert remember() == folder / "00000000000000000000000000000000-tiny-1.0.0.json"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "5",
        '"text"',
        "{}",
        "\x00",
        '{"schema": "samebits/rebuild-record/v2"}',
        "9" * 5000,
    ],
)
def test_damaged_record_counts_as_none(text: str) -> None:
    remember().write_text(text)
    assert records.find(DRV) is None


def test_record_that_was_cut_off_counts_as_none() -> None:
    path = remember()
    whole = path.read_bytes()
    for length in range(len(whole) - 1):  # the last byte ends the line
        path.write_bytes(whole[:length])
        assert records.find(DRV) is None


def test_record_that_is_no_text_counts_as_none() -> None:
    remember().write_bytes(b"\xff\xfe")
    assert records.find(DRV) is None


def test_record_of_another_derivation_counts_as_none() -> None:
    path = remember(derivation=DRV.replace("tiny", "other"))
    path.rename(records.path_of(DRV))
    assert records.find(DRV) is None


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "samebits/rebuild-record/v3"},
        {"more": 1},
        {"passed": "all"},
        {"passed": [1]},
        {"resources": []},
        {"calibration_seconds": 0},
        {"calibration_seconds": 10**400},
        {"calibration_seconds": float("inf")},
    ],
)
def test_record_of_another_form_counts_as_none(change: dict[str, object]) -> None:
    path = remember()
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert records.find(DRV) is None


@pytest.mark.parametrize("field", ["schema", "derivation", "hashes", "date", "nix", "surroundings"])
def test_record_without_a_field_counts_as_none(field: str) -> None:
    path = remember()
    value = json.loads(path.read_text())
    del value[field]
    path.write_text(json.dumps(value))
    assert records.find(DRV) is None


def test_folder_in_the_place_of_a_record_counts_as_none() -> None:
    records.path_of(DRV).mkdir(parents=True)
    assert records.find(DRV) is None


@given(st.binary())
def test_arbitrary_bytes_count_as_none(content: bytes) -> None:
    remember().write_bytes(content)
    assert records.find(DRV) is None


def test_forgotten_record_is_not_found() -> None:
    remember()
    records.forget(DRV)
    assert records.find(DRV) is None


def test_forgetting_leaves_other_records() -> None:
    other = DRV.replace("tiny", "other")
    remember()
    remember(derivation=other)
    records.forget(DRV)
    assert records.find(other) is not None


def test_forgetting_what_was_never_known_is_fine() -> None:
    records.forget(DRV)


def test_new_record_replaces_the_file_and_never_writes_into_it() -> None:
    """Who reads meanwhile has the whole old record, not a part of the new one."""
    path = remember()
    with path.open() as reader:
        remember({DRV: "b" * 64})
        assert json.load(reader)["hashes"] == HASHES
    record = records.find(DRV)
    assert record is not None
    assert record.hashes == {DRV: "b" * 64}


def test_record_that_cannot_be_placed_leaves_nothing_beside() -> None:
    path = records.path_of(DRV)
    path.mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        remember()
    assert os.listdir(path.parent) == [path.name]
