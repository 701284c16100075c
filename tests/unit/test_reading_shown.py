"""The progress bar of hashing: on a terminal alone, after some patience, and gone afterwards."""

import io
import time
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from verifier.report import reading
from verifier.report.reading import reading_shown
from verifier.signing.tree import read_tree
from verifier.signing.watch import Watch


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(monkeypatch: pytest.MonkeyPatch, terminal: io.StringIO, seconds: float) -> str:
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(reading, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(reading, "EVERY_SECONDS", 0.05)
    monkeypatch.setenv("TERM", "xterm")
    with reading_shown("hashing") as watch:
        watch.expect(100)
        watch.read(42)
        time.sleep(seconds)
    return terminal.getvalue()


def test_long_reading_is_drawn_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hashing" in drawn(monkeypatch, Terminal(), 2)


def test_short_reading_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(monkeypatch, Terminal(), 0) == ""


def test_a_file_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(monkeypatch, io.StringIO(), 0.5) == ""


def test_every_byte_is_counted(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"file-{number}").write_bytes(bytes(number * 1_000_000))
    watch = Watch()
    read_tree(tmp_path, watch)
    assert (watch.total, watch.done) == (3_000_000, 3_000_000)


def test_stopped_reading_ends(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    watch = Watch()
    watch.stop()
    with pytest.raises(CancelledError):
        read_tree(tmp_path, watch)
