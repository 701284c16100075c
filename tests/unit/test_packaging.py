"""The parts of packaging: a manifest of every file, no store path in any, and a card that says it all."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.runtime.packaging.card import model_card
from builder.runtime.packaging.manifest import manifest
from builder.runtime.packaging.scan import files_with_store_paths
from builder.runtime.params import Params
from tests.unit.bundles import (
    METRICS,
    SHA256,
    SOURCE,
    STORE_PATH,
    TOOLCHAIN,
    list_files,
    write_bundle,
    write_file,
)
from tests.unit.steps import plan_with
from verifier.bundle import read_bundle

DATA = {
    "sources": [{"input": "digits", **SOURCE}],
    "lineage": [],
    "stages": [{"name": "read", "rows": 1797, "arrays": {}, "sha256": SHA256}],
}


def listed(folder: Path) -> list[dict[str, object]]:
    files: list[dict[str, object]] = manifest("tiny", "1.0.0", folder)["files"]  # type: ignore[assignment]
    return files


def test_manifest_has_name_version_and_form(tmp_path: Path) -> None:
    assert manifest("tiny", "1.0.0", tmp_path) == {
        "schema": "samebits/manifest/v1",
        "name": "tiny",
        "version": "1.0.0",
        "files": [],
    }


def test_manifest_has_size_and_hash_of_a_file(tmp_path: Path) -> None:
    write_file(tmp_path, "weights/w", b"abc")
    digest = hashlib.sha256(b"abc").hexdigest()
    assert listed(tmp_path) == [{"path": "weights/w", "size": 3, "sha256": digest}]


def test_manifest_is_in_the_order_of_whole_paths(tmp_path: Path) -> None:
    names = ["a/z", "a.b", "a-b", "B", "a/b/c", "é"]
    for name in names:
        write_file(tmp_path, name, b"")
    assert [entry["path"] for entry in listed(tmp_path)] == sorted(names)


def test_manifest_has_hidden_files_and_no_folders(tmp_path: Path) -> None:
    write_file(tmp_path, ".hidden", b"")
    (tmp_path / "empty").mkdir()
    assert [entry["path"] for entry in listed(tmp_path)] == [".hidden"]


def test_file_that_names_a_store_path_is_found(tmp_path: Path) -> None:
    write_file(tmp_path, "clean", b"/nix/store/ and more")
    write_file(tmp_path, "below/tied", b"\0" * 5_000 + STORE_PATH + b"\0")
    assert files_with_store_paths(tmp_path) == ["below/tied"]


def test_every_tied_file_is_found_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write_file(tmp_path, name, STORE_PATH)
    assert files_with_store_paths(tmp_path) == ["a", "b"]


@pytest.mark.parametrize("content", [b"", b"/nix/store/", STORE_PATH[:-1], STORE_PATH.replace(b"0", b"e")])
def test_what_only_resembles_a_store_path_is_none(content: bytes, tmp_path: Path) -> None:
    write_file(tmp_path, "file", content)
    assert files_with_store_paths(tmp_path) == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("scan"))


@given(st.binary(max_size=20), st.sampled_from([b"", STORE_PATH, STORE_PATH[:40]]), st.binary(max_size=20))
def test_builder_and_verifier_find_the_same(folder: Path, before: bytes, middle: bytes, after: bytes) -> None:
    write_file(folder, "code/network.py", before + middle + after)
    list_files(folder)
    assert read_bundle(folder).store_paths == tuple(files_with_store_paths(folder))


def card(**fields: object) -> str:
    parts = {
        **{
            "prose": "Recognises digits.\n",
            "params": Params(seed=7, hyperparameters={"rate": 0.1, "epochs": 3}),
        },
        **{"metrics": METRICS, "data": DATA, "toolchain": TOOLCHAIN},
        **fields,
    }
    return model_card(plan_with(), parts.pop("prose"), **parts)  # type: ignore[arg-type]


def test_card_starts_with_name_and_prose() -> None:
    assert card().startswith("# digits 1.0.0\n\nRecognises digits.\n\n## Evaluation\n")


def test_card_ends_with_one_new_line() -> None:
    assert card()[-2:] == ".\n"


@pytest.mark.parametrize(
    "row",
    [
        "| accuracy | 0.5 |",
        "| seed | 7 |",
        "| epochs | 3 |\n| rate | 0.1 |",
        f"| read | 1797 | `{SHA256}` |",
        f"| {SOURCE['file']} | 2.4.6 | BSD-3-Clause | `{SHA256}` |",
        "Python 3.11, 1 pinned files of the lock `numpy`",
        "determinism profile `portable`",
    ],
)
def test_card_states_what_the_build_knows(row: str) -> None:
    assert row in card()


def test_metrics_come_in_the_order_of_their_names() -> None:
    text = card(metrics={"scalars": {"loss": 1.0, "accuracy": 0.123456789}})
    assert "| accuracy | 0.123457 |\n| loss | 1 |" in text


def test_confusion_matrix_is_a_table() -> None:
    matrix = {"labels": ["cat", "dog"], "counts": [[3, 1], [0, 4]]}
    text = card(metrics={"scalars": {"a": 1.0}, "confusion_matrix": matrix})
    assert "|  | cat | dog |\n| --- | --- | --- |\n| **cat** | 3 | 1 |\n| **dog** | 0 | 4 |" in text


def test_interval_stands_beside_its_metric() -> None:
    intervals = {"accuracy": {"low": 0.25, "high": 0.75, "confidence": 0.95}}
    text = card(metrics={"scalars": {"accuracy": 0.5, "f1": 0.5}, "intervals": intervals})
    assert "| accuracy | 0.5 (0.25 to 0.75 with 95 % confidence) |\n| f1 | 0.5 |\n" in text


def test_values_by_class_and_slice_are_a_table() -> None:
    by = {"classes": {"recall": {"8": 0.9}}, "slices": {"accuracy": {"gospels": 0.8}}}
    text = card(metrics={"scalars": {"a": 1.0}, **by})
    assert "| recall | classes/8 | 0.9 |\n| accuracy | slices/gospels | 0.8 |\n" in text


def test_distribution_of_few_labels_is_shown_in_their_order() -> None:
    counts = {"labels": {"10": 1, "9": 2}, "tokens": {str(value): 1 for value in range(21)}}
    text = card(data={**DATA, "stages": [{**DATA["stages"][0], "counts": counts}]})
    assert "| read | labels | 9: 2, 10: 1 |\n\n## Training" in text


def test_card_without_a_matrix_does_not_speak_of_one() -> None:
    assert "Confusion" not in card()


def test_model_without_data_has_no_table_of_it() -> None:
    assert "## Data\n\n## Training" in card(data={"sources": [], "lineage": [], "stages": []})


@pytest.mark.parametrize("value", ["a|b", "one\ntwo"])
def test_value_of_a_parameter_does_not_break_the_table(value: str) -> None:
    text = card(params=Params(seed=7, hyperparameters={"activation": value}))
    (line,) = [line for line in text.splitlines() if line.startswith("| activation")]
    assert line.replace("\\|", "").count("|") == 3


def test_equal_input_gives_an_equal_card() -> None:
    assert card() == card()
