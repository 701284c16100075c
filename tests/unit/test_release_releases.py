"""The folder of releases: what was written is read again, and everything else is refused with a sentence."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.released import OTHER, STAGE, altered, make_document, put, release, successor
from verifier.errors import BadInput
from verifier.release import releases as module
from verifier.release.canonical import release_digest
from verifier.release.releases import read_releases, write_release

Json = dict[str, object]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Json:
    return make_document(tmp_path_factory.mktemp("bundle") / "tiny")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "releases"


def refused(folder: Path, sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_releases(folder, "tiny")
    assert sentence in caught.value.sentence
    assert caught.value.advice


def test_written_release_is_read_again_equal(first: Json, folder: Path) -> None:
    path = write_release(folder, first)
    assert path == folder / "1.0.0.json"
    assert [p.name for p in folder.iterdir()] == ["1.0.0.json"]
    (found,) = read_releases(folder, "tiny")
    assert found == release(first)
    assert found.document == first


def test_no_folder_means_no_release(folder: Path) -> None:
    assert read_releases(folder, "tiny") == ()


def test_releases_come_in_the_order_of_precedence(first: Json, folder: Path) -> None:
    document = put(folder, first) and first
    for version in ("1.2.0-rc.1", "1.2.0", "1.10.0"):
        document = successor(document, version)
        put(folder, document)
    found = [one.version for one in read_releases(folder, "tiny")]
    assert found == ["1.0.0", "1.2.0-rc.1", "1.2.0", "1.10.0"]


def test_other_files_are_not_looked_at(first: Json, folder: Path) -> None:
    put(folder, first)
    for name in ("README.md", ".hidden.json", "1.0.0.json.orig"):
        (folder / name).write_text("not JSON")
    assert len(read_releases(folder, "tiny")) == 1


def test_release_is_never_written_over(first: Json, folder: Path) -> None:
    path = write_release(folder, first)
    before = path.read_bytes()
    with pytest.raises(BadInput, match="is there already"):
        write_release(folder, altered(first, lambda d: d.update(date="2026-11-26")))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "change", [{"digest": OTHER}, {"level": "good"}, {"calibration_seconds": float("nan")}]
)
def test_what_could_not_be_read_again_is_not_written(change: Json, first: Json, folder: Path) -> None:
    with pytest.raises(BadInput):
        write_release(folder, {**first, **change})
    assert not folder.exists()


def test_hand_edited_release_is_refused(first: Json, folder: Path) -> None:
    path = put(folder, first)
    path.write_text(path.read_text().replace('"accuracy": 0.5', '"accuracy": 0.9'))
    refused(folder, "1.0.0.json was edited by hand: its digest does not fit its content")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(calibration_seconds=1e-320),
        lambda d: d["resources"]["train"].update(wall_seconds=1e300),
        lambda d: d["data"].update(stages=[{**STAGE, "counts": {"labels": 3}}]),
    ],
)
def test_number_that_nothing_can_be_compared_with_is_refused(
    change: Callable[[dict], object],  # type: ignore[type-arg]
    first: Json,
    folder: Path,
) -> None:
    """The digest was computed anew."""
    put(folder, altered(first, change))
    refused(folder, "1.0.0.json at ")


def test_number_too_large_for_any_is_refused_where_it_is_read(first: Json, folder: Path) -> None:
    put(folder, altered(first, lambda d: d.update(calibration_seconds=10**400)))
    refused(folder, "1.0.0.json cannot be read as JSON: 100000000000… is too large a number")


def test_text_that_is_no_json_is_refused(first: Json, folder: Path) -> None:
    put(folder, first).write_text("{")
    refused(folder, "1.0.0.json cannot be read as JSON")


def test_key_that_is_given_twice_is_refused(first: Json, folder: Path) -> None:
    path = put(folder, first)
    path.write_text('{"level": "bitwise",' + path.read_text()[1:])
    refused(folder, "the key 'level' is given twice")


@pytest.mark.parametrize("text", ["[]", "null", '{"schema": "samebits/release/v1"}', "[" * 100_000])
def test_json_that_is_no_release_is_refused(text: str, first: Json, folder: Path) -> None:
    put(folder, first).write_text(text)
    refused(folder, "1.0.0.json")


def test_value_that_the_format_does_not_have_is_named(first: Json, folder: Path) -> None:
    put(folder, altered(first, lambda d: d["metrics"]["scalars"].update(accuracy="0.5")))
    refused(folder, "1.0.0.json at metrics/scalars/accuracy: '0.5' is not of type 'number'")


def test_newer_format_is_said_to_be_newer(first: Json, folder: Path) -> None:
    put(folder, altered(first, lambda d: d.update(schema="samebits/release/v2", colour="red")))
    refused(folder, "1.0.0.json was written by a newer Samebits")


def test_release_of_another_model_is_refused(first: Json, folder: Path) -> None:
    put(folder, altered(first, lambda d: d.update(name="other")))
    refused(folder, "1.0.0.json is a release of other, and lies among those of tiny")


def test_file_that_is_called_otherwise_is_refused(first: Json, folder: Path) -> None:
    put(folder, first).rename(folder / "1.0.1.json")
    refused(folder, "1.0.1.json holds the version 1.0.0, so it must be called 1.0.0.json")


def test_day_that_is_none_is_refused(first: Json, folder: Path) -> None:
    put(folder, altered(first, lambda d: d.update(date="2026-02-30")))
    refused(folder, "1.0.0.json holds a value that no release has: day is out of range")


def test_identifier_that_does_not_follow_is_refused(first: Json, folder: Path) -> None:
    document = {**first, "identifier": "tiny-1.0.0-000000000000"}
    put(folder, {**document, "digest": release_digest(document)})
    refused(folder, "states an identifier that does not follow from its manifest")


def test_older_release_that_was_edited_with_its_digest_is_found_by_the_next(
    first: Json, folder: Path
) -> None:
    put(folder, altered(first, lambda d: d["metrics"]["scalars"].update(accuracy=0.9)))
    put(folder, successor(first, "1.1.0"))
    refused(folder, "1.1.0.json follows 1.0.0 with another digest than 1.0.0.json has: that one was edited")


def test_removed_release_is_noticed(first: Json, folder: Path) -> None:
    second = successor(first, "1.1.0")
    put(folder, first)
    put(folder, successor(second, "1.2.0"))
    refused(folder, "1.2.0.json follows 1.1.0, but 1.0.0 is the one before it")


def test_removed_first_release_is_noticed(first: Json, folder: Path) -> None:
    put(folder, successor(first, "1.1.0"))
    refused(folder, "1.1.0.json follows 1.0.0, but no other is the one before it")


def test_release_that_was_put_between_two_is_noticed(first: Json, folder: Path) -> None:
    for document in (first, successor(first, "1.1.0"), successor(first, "1.2.0")):
        put(folder, document)
    refused(folder, "1.2.0.json follows 1.0.0, but 1.1.0 is the one before it")


def test_releases_out_of_order_are_noticed(first: Json, folder: Path) -> None:
    later = altered(first, lambda d: d.update(version="1.2.0"))
    put(folder, later)
    put(folder, successor(later, "1.1.0"))
    refused(folder, "1.1.0.json follows 1.2.0, but no other is the one before it")


def test_two_releases_of_equal_rank_are_refused(first: Json, folder: Path) -> None:
    put(folder, first)
    put(folder, successor(first, "1.0.0+x"))
    refused(folder, "do not increase over each other")


def test_file_that_is_too_large_is_not_read(first: Json, folder: Path) -> None:
    os.truncate(put(folder, first), (16 << 20) + 1)
    refused(folder, "1.0.0.json is larger than 16 MiB")


def test_link_is_refused(first: Json, folder: Path, tmp_path: Path) -> None:
    path = put(folder, first)
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    refused(folder, "1.0.0.json is not a plain file")


def test_dangling_link_folder_and_pipe_are_refused(folder: Path) -> None:
    folder.mkdir()
    place = folder / "1.0.0.json"
    place.symlink_to("nowhere")
    refused(folder, "is not a plain file")
    place.unlink()
    os.mkfifo(place)
    refused(folder, "is not a plain file")
    place.unlink()
    place.mkdir()
    refused(folder, "is not a plain file")


def test_place_that_is_no_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    folder.symlink_to(tmp_path)
    refused(folder, "is no plain folder")
    folder.unlink()
    folder.write_text("")
    refused(folder, "is no plain folder")


def test_too_many_releases_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RELEASES", 2)
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.json").touch()
    refused(folder, "holds 3 releases; at most 2 are read")
