"""The JSON of a hostile bundle: read strictly, held against its schema, and never a way to stop the reader."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.bundles import (
    FILES,
    METRICS,
    change_manifest,
    list_files,
    refused_or_problem,
    write_bundle,
    write_file,
)
from verifier.bundle import read_bundle
from verifier.errors import BadInput

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


def test_key_given_twice_in_a_document_is_refused(bundle: Path) -> None:
    replace_metrics(bundle, '{"schema": "samebits/metrics/v1", "scalars": {"a": 1, "a": 2}}')
    with pytest.raises(BadInput, match="the key 'a' is given twice"):
        read_bundle(bundle)


def test_manifest_of_another_form_is_refused(bundle: Path) -> None:
    change_manifest(bundle, lambda value: value.update(schema="samebits/manifest/v2"))
    with pytest.raises(BadInput, match="samebits/manifest/v1"):
        read_bundle(bundle)


def test_unknown_key_in_the_manifest_is_refused(bundle: Path) -> None:
    change_manifest(bundle, lambda value: value.update(signed=True))
    with pytest.raises(BadInput, match="signed"):
        read_bundle(bundle)


@pytest.mark.parametrize("name", ["bom.cdx.json", "data.json", "metrics.json", "toolchain.json"])
def test_bundle_without_a_document_is_refused(name: str, bundle: Path) -> None:
    (bundle / name).unlink()
    list_files(bundle)
    with pytest.raises(BadInput, match=name):
        read_bundle(bundle)


@pytest.mark.parametrize("name", ["bom.cdx.json", "data.json", "metrics.json", "toolchain.json"])
def test_document_that_does_not_match_its_schema_is_refused(name: str, bundle: Path) -> None:
    write_file(bundle, name, b'{"schema": "other"}')
    list_files(bundle)
    with pytest.raises(BadInput, match=name):
        read_bundle(bundle)


def replace_metrics(bundle: Path, text: str) -> None:
    write_file(bundle, "metrics.json", text.encode())
    list_files(bundle)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_metric_that_is_not_finite_is_refused(number: str, bundle: Path) -> None:
    replace_metrics(bundle, json.dumps(METRICS).replace("0.5", number))
    with pytest.raises(BadInput):
        read_bundle(bundle)


def test_truncated_manifest_is_refused(bundle: Path) -> None:
    whole = (bundle / "manifest.json").read_bytes()
    for length in range(0, len(whole), 7):
        (bundle / "manifest.json").write_bytes(whole[:length])
        with pytest.raises(BadInput):
            read_bundle(bundle)


@pytest.mark.parametrize("depth", [50, 300, 500, 700, 800, 900, 925, 950, 975, 990, 2_000, 100_000])
@pytest.mark.parametrize("name", ["manifest.json", "metrics.json"])
def test_deeply_nested_json_is_refused(name: str, depth: int, bundle: Path) -> None:
    nested = '{"schema": ' + "[" * depth + "]" * depth + "}"
    write_file(bundle, name, nested.encode())
    if name != "manifest.json":
        list_files(bundle)
    with pytest.raises(BadInput):
        read_bundle(bundle)


@settings(max_examples=50)
@given(JSON.map(lambda value: json.dumps(value).encode()) | st.binary())
@example(b"9" * 5_000)
@example(b'{"schema": ' + b"9" * 5_000 + b"}")
@example(b"\xff\xfe{}")
@example(b"null")
def test_no_content_of_a_listed_file_passes_as_metrics_but_metrics(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bundle = write_bundle(Path(folder))
        for name in ("manifest.json", "metrics.json"):
            write_bundle(bundle)
            write_file(bundle, name, content)
            if name != "manifest.json":
                list_files(bundle)
            assert content == FILES["metrics.json"] or refused_or_problem(bundle)
