"""What changes in a folder after it was listed and before it is hashed, or before a document is parsed."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.bundles import write_bundle
from verifier.signing import contents, tree
from verifier.signing.reasons import Reason, Refused
from verifier.signing.watch import Watch


def test_file_is_not_the_one_that_was_seen(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"first")
    seen = tree._seen((tmp_path / "file").lstat())
    (tmp_path / "other").write_bytes(b"first")
    (tmp_path / "other").replace(tmp_path / "file")
    with pytest.raises(Refused) as refused:
        tree._hash(str(tmp_path / "file"), "file", seen, memoryview(bytearray(8)), Watch())
    assert refused.value.reason is Reason.CHANGED


def test_file_is_read_to_the_end_that_was_seen_and_no_further() -> None:
    """Files of /proc have more in them than they say; so has one that somebody writes to all the time."""
    place = Path("/proc/version")
    assert place.read_bytes()
    with pytest.raises(Refused) as refused:
        tree._hash(str(place), "version", tree._seen(place.stat()), memoryview(bytearray(8)), Watch())
    assert refused.value.reason is Reason.CHANGED


def test_document_is_parsed_from_the_bytes_that_were_hashed(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "tiny")
    files = tree.read_tree(bundle)
    content = (bundle / "metrics.json").read_bytes()
    (bundle / "metrics.json").write_bytes(content.replace(b"0.5", b"0.9"))
    with pytest.raises(Refused) as refused:
        contents._document(bundle, "metrics.json", files)
    assert refused.value.reason is Reason.CHANGED


class Meddler(Watch):
    """Does something to a folder once it is listed, and before its files are opened."""

    def __init__(self, act: Callable[[Path], object], bundle: Path) -> None:
        super().__init__()
        self._act, self._bundle = act, bundle

    def expect(self, count: int) -> None:
        super().expect(count)
        self._act(self._bundle)


def instead(make: Callable[[Path], object]) -> Callable[[Path], object]:
    def act(bundle: Path) -> None:
        (bundle / "metrics.json").unlink()
        make(bundle / "metrics.json")

    return act


def listening(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # the path of a socket may have 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(path.name)
    finally:
        os.chdir(before)


MEANWHILE = {
    "file gone": lambda bundle: (bundle / "metrics.json").unlink(),
    "folder gone": lambda bundle: shutil.rmtree(bundle / "code"),
    "folder emptied": lambda bundle: (bundle / "code" / "network.py").unlink(),
    "all gone": shutil.rmtree,
    "file a link to its like": instead(lambda path: path.symlink_to("data.json")),
    "file a dangling link": instead(lambda path: path.symlink_to("nowhere")),
    "file a pipe": instead(os.mkfifo),
    "file a socket": instead(listening),
    "file a folder": instead(Path.mkdir),
    "folder a file": lambda bundle: (shutil.rmtree(bundle / "code"), (bundle / "code").touch()),
    "folder a link": lambda b: ((b / "code").rename(b.parent / "c"), (b / "code").symlink_to("../c")),
    "one more": lambda bundle: (bundle / "more").touch(),
    "one more folder": lambda bundle: (bundle / "more").mkdir(),
    "other mode": lambda bundle: (bundle / "metrics.json").chmod(0o755),
    "second name": lambda bundle: (bundle.parent / "second").hardlink_to(bundle / "metrics.json"),
    "same bytes again": lambda bundle: (bundle / "metrics.json").write_bytes(
        (bundle / "metrics.json").read_bytes()
    ),
}


@pytest.mark.parametrize("act", MEANWHILE.values(), ids=MEANWHILE)
def test_what_changes_after_it_was_listed_is_refused_for_that(
    act: Callable[[Path], object], tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "tiny")
    os.utime(bundle / "metrics.json", (0, 0))  # the clock of files is coarse
    with pytest.raises(Refused) as refused:
        tree.read_tree(bundle, Meddler(act, bundle))
    assert refused.value.reason is Reason.CHANGED


@pytest.mark.parametrize("make", [Path.exists, lambda path: path.symlink_to("data.json"), listening])
def test_document_that_is_gone_after_it_was_hashed(make: Callable[[Path], object], tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "tiny")
    files = tree.read_tree(bundle)
    instead(make)(bundle)
    with pytest.raises(Refused) as refused:
        contents._document(bundle, "metrics.json", files)
    assert refused.value.reason is Reason.CHANGED
