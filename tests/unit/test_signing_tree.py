"""The folder of a bundle as a gate reads it; the attacks on it are in tests/attacks."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import BadInput, CouldNotCheck
from verifier.signing import tree
from verifier.signing.reasons import Reason, Refused
from verifier.signing.tree import read_tree, safe


def test_files_are_read_in_the_order_of_paths(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    large = bytes(tree.LARGE_BYTES + 1)
    for name, content in (("b/c", b"x"), ("a", large), ("b.txt", b"")):
        (tmp_path / name).write_bytes(content)
    files = read_tree(tmp_path)
    assert list(files) == ["a", "b.txt", "b/c"]
    assert (files["a"].size, files["a"].sha256) == (len(large), hashlib.sha256(large).digest())
    assert files["b.txt"].sha256 == hashlib.sha256().digest()


def test_no_folder_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="is no folder"):
        read_tree(tmp_path / "file")
    with pytest.raises(BadInput, match="does not exist"):
        read_tree(tmp_path / "nowhere")


def test_empty_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is empty") as refused:
        read_tree(tmp_path)
    assert refused.value.reason is Reason.EXTRA_FILE


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        (tmp_path / str(number)).touch()
    monkeypatch.setattr(tree, "MOST_FILES", 3)
    with pytest.raises(Refused) as refused:
        read_tree(tmp_path)
    assert refused.value.reason is Reason.TOO_LARGE


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch(mode=0)
    with pytest.raises(CouldNotCheck, match="cannot be read"):
        read_tree(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["a", "model.safetensors", "é.py", "a b", "-", ".hidden", "a" * 255, "日本", "console.py", "com10"],
)
def test_name_that_everybody_reads_is_safe(name: str) -> None:
    assert safe(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "a:b",
            "a*",
            "a?",
            'a"',
            "<a",
            ">a",
            "a|b",
            "a.",
            " a",
            "a ",
            "a\0",
            "a\n",
        ),
        *(
            "a" * 256,
            "é" * 128,
            "e\u0301",
            "\udcff",
            "\u202e",
            "a\u200b",
            "a\ufeff",
            "a\u00a0b",
            "\u3164",
            "a\ufe0f",
        ),
        *("con", "NUL", "aux.txt", "Com1.tar.gz", "lpt9", "prn .txt", "com²", "conin$"),
    ],
)
def test_name_that_somebody_reads_otherwise_is_not(name: str) -> None:
    assert not safe(name)


@given(st.text(max_size=300))
def test_safe_name_can_be_written_and_shown(name: str) -> None:
    if safe(name):
        assert len(name.encode()) <= 255
        assert name.isprintable()
        assert "/" not in name
