"""A file that is another one when it is opened than when the folder was read."""

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
