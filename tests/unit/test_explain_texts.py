"""Text and bytes: the first line or byte that differs, and by what two texts differ."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.explaining import explained, make_context, make_pair, spoken
from verifier.explain.findings import Fact
from verifier.explain.raw import explain_bytes
from verifier.explain.wording import facts_of_texts


def test_first_line_is_named_with_both(tmp_path: Path) -> None:
    said = spoken(explained(tmp_path, b"a\nb\nc\n", b"a\nx\ny\n"))
    assert said == "line 2: 'b\\n' in the first, 'x\\n' in the second; 2 lines differ"


def test_line_in_one_only_is_named(tmp_path: Path) -> None:
    said = spoken(explained(tmp_path, b"a\nb\n", b"a\n"))
    assert said == "line 2: the second ends before it; in the first it is 'b\\n'"


def test_end_of_the_last_line_is_shown(tmp_path: Path) -> None:
    assert spoken(explained(tmp_path, b"a\n", b"a")) == "line 1: 'a\\n' in the first, 'a' in the second"


def test_long_line_is_cut_around_the_difference(tmp_path: Path) -> None:
    said = spoken(explained(tmp_path, b"x" * 5000 + b"a" + b"y" * 5000, b"x" * 5000 + b"b" + b"y" * 5000))
    assert "xa" in said
    assert "xb" in said
    assert len(said) < 500


def test_line_behind_a_very_long_one_has_its_number(tmp_path: Path) -> None:
    long = b"x" * 200_000 + b"\n"
    assert spoken(explained(tmp_path, long + b"a\n", long + b"b\n")).startswith("line 2: 'a")


def test_same_lines_in_another_order_are_said(tmp_path: Path) -> None:
    (finding,) = explained(tmp_path, b"a\nb\nc", b"c\na\nb\n"[:-1])
    assert finding.facts == {Fact.ORDER}


def test_other_lines_are_no_other_order(tmp_path: Path) -> None:
    (finding,) = explained(tmp_path, b"a\nb\n", b"b\nb\n")
    assert Fact.ORDER not in finding.facts


def test_byte_is_shown_with_its_surroundings(tmp_path: Path) -> None:
    first, second = bytes(range(100)), bytes(range(50)) + b"\xff" + bytes(range(51, 100))
    (finding,) = explained(tmp_path, first, second)
    assert finding.place == "byte 50"
    assert "differs from byte 50 of 100 on; from byte 42: 2a 2b" in finding.sentence
    assert "31 [32] 33" in finding.sentence
    assert "31 [ff] 33" in finding.sentence


def test_end_of_a_file_shows_as_nothing(tmp_path: Path) -> None:
    assert "nothing in the first" in spoken(explained(tmp_path, b"", b"\0\1"))


def diffoscope(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    (folder / "bin").mkdir()
    (folder / "bin" / "diffoscope").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bin" / "diffoscope").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")


def test_diffoscope_is_asked_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diffoscope(tmp_path, monkeypatch, "for i in $(seq 30); do echo line $i; done; exit 1")
    pair = make_pair(tmp_path, b"\0", b"\1")
    findings = list(explain_bytes(pair, make_context(programs=True)))
    assert findings[1].sentence == "line 1"
    assert findings[-1].sentence == "18 lines more; run diffoscope to see them"


def test_diffoscope_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diffoscope(tmp_path, monkeypatch, "sleep 600")
    monkeypatch.setattr("verifier.explain.raw.SECONDS", 0.1)
    findings = list(explain_bytes(make_pair(tmp_path, b"\0", b"\1"), make_context(programs=True)))
    assert "was ended" in findings[1].sentence


@pytest.mark.parametrize(
    ("first", "second", "facts"),
    [
        ("<A at 0x7f00aa10b0c0>", "<A at 0x7f11aa10b0c0>", {Fact.ADDRESS}),
        ("in /tmp/tmpab12cd34/x", "in /tmp/tmpzz12cd34/x", {Fact.TEMPORARY}),
        ("file tmpab12cd34 made", "file tmpzz12cd34 made", {Fact.TEMPORARY}),
        ("pid 12 started", "pid 4711 started", {Fact.PROCESS}),
        ("made 2026-11-25T10:00:01Z", "made 2026-11-26T11:30:00Z", {Fact.CLOCK}),
        ("Wed Nov 25 10:00:01 2026", "Thu Nov 26 10:00:02 2026", {Fact.CLOCK}),
        ("at 1764072000", "at 1764072031", {Fact.CLOCK}),
        ("0x7f00aa10b0c0 10:00", "0x7f11aa10b0c0 11:00", {Fact.ADDRESS, Fact.CLOCK}),
        ("loss 0.1234567", "loss 0.1234568", {Fact.ROUNDING}),
        ("loss 0.12", "loss 0.13", {Fact.VALUES}),
        ("step 1000000", "step 1000001", {Fact.VALUES}),
        ("cat", "dog", set()),
        ("cat at 10:00", "dog at 11:00", set()),
    ],
)
def test_what_two_texts_differ_by(first: str, second: str, facts: set[Fact]) -> None:
    assert facts_of_texts(first, second) == facts


PIECES = st.sampled_from(["\0", "1", "2.5", "-", "0x7f00aa10b0c0", "10:00", " ", "a", "/tmp/x", "pid 3", "é"])
TEXTS = st.lists(PIECES, max_size=9).map("".join)


@given(TEXTS, TEXTS)
def test_facts_do_not_depend_on_which_is_first(first: str, second: str) -> None:
    assert facts_of_texts(first, second) == facts_of_texts(second, first)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("texts")


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_any_two_files_that_differ_are_explained(folder: Path, first: bytes, second: bytes) -> None:
    assert first == second or explained(folder, first, second)
