"""A lock on disk: equal input gives equal text, an edit by hand is refused, and it is written whole."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from builder.errors import BadInput
from builder.lockfile import Seed, Source, lock_text, read_sources, write_whole
from builder.request import Request
from builder.runtime.canonical import digest
from tests.conftest import REPOSITORY
from tests.unit.bundles import SHA256, SOURCE

LOCKS = [*REPOSITORY.glob("builder/locks/*.lock.json"), *REPOSITORY.glob("models/*/data.lock.json")]
SEED = Seed(deb="busybox-static", nar_sha256=SHA256)
NUMPY = Source(**SOURCE)  # type: ignore[arg-type]
YAML = replace(NUMPY, name="pyyaml", file="pyyaml-6-py3-none-any.whl")
LIBC = replace(
    NUMPY, name="zlib1g", kind="deb", file="zlib1g_1_amd64.deb", url="mirror://debian/pool/zlib1g.deb"
)


def request(name: str = "own", root: Path = Path("locks")) -> Request:
    written: dict[str, object] = {"kind": "toolchain", "python": "3.11"}
    fields = {"kind": "toolchain", "python": "3.11", "debs": (), "wheels": (), "licences": {}}
    return Request(name=name, written=written, lock_path=root / f"{name}.lock.json", **fields)  # type: ignore[arg-type]


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "own.lock.json"
    path.write_text(lock_text(request(), [NUMPY, LIBC], SEED))
    return path


def refusal(path: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_sources(path)
    return caught.value


def test_what_was_locked_is_read_back(lock: Path) -> None:
    assert read_sources(lock) == [LIBC, NUMPY]


def test_order_of_the_sources_changes_no_byte() -> None:
    forth, back = [LIBC, NUMPY, YAML], [YAML, NUMPY, LIBC]
    assert lock_text(request(), forth, SEED) == lock_text(request(), back, SEED)


def test_debs_come_before_wheels_and_each_by_name(tmp_path: Path) -> None:
    lock = json.loads(lock_text(request(), [YAML, NUMPY, LIBC], SEED))
    assert [source["name"] for source in lock["sources"]] == ["zlib1g", "numpy", "pyyaml"]


def test_digest_is_over_everything_else() -> None:
    lock = json.loads(lock_text(request(), [NUMPY], SEED))
    stated = lock.pop("digest")
    assert stated == digest(lock)


def test_lock_of_a_toolchain_has_its_seed() -> None:
    seed = json.loads(lock_text(request(), [NUMPY], SEED))["seed"]
    assert seed == {"deb": "busybox-static", "nar_sha256": SHA256}


def test_lock_of_data_has_no_seed() -> None:
    assert "seed" not in json.loads(lock_text(request(), [NUMPY], None))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_committed_lock_can_be_read(path: Path) -> None:
    assert read_sources(path)


CHANGED = {
    **{"name": "numpi", "version": "2.4.7", "kind": "deb", "role": "data", "file": "other.whl", "size": 2},
    **{"url": "mirror://pypi/other", "sha256": "0" * 64, "licence": "MIT"},
}


@pytest.mark.parametrize("field", SOURCE)
def test_changed_field_of_a_source_is_an_edit_by_hand(field: str, lock: Path) -> None:
    value = json.loads(lock.read_text())
    value["sources"][1][field] = CHANGED[field]
    lock.write_text(json.dumps(value))
    assert "was edited by hand" in refusal(lock).sentence


def test_removed_source_is_an_edit_by_hand(lock: Path) -> None:
    value = json.loads(lock.read_text())
    del value["sources"][0]
    lock.write_text(json.dumps(value))
    assert "was edited by hand" in refusal(lock).sentence


def test_layout_of_the_file_is_no_edit(lock: Path) -> None:
    lock.write_text(json.dumps(json.loads(lock.read_text())))
    assert len(read_sources(lock)) == 2


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"schema": "samebits/lock/v1"}',
        b"9" * 5_000,
        b"[" * 100_000,
    ],
    ids=["empty", "cut off", "list", "null", "no text", "no fields", "long number", "deep"],
)
def test_file_that_is_no_lock_is_refused(text: bytes, lock: Path) -> None:
    lock.write_bytes(text)
    assert "own.lock.json" in refusal(lock).sentence


def test_number_that_is_not_finite_is_refused(lock: Path) -> None:
    lock.write_text(lock.read_text().replace('"python": "3.11"', '"python": NaN'))
    assert "own.lock.json" in refusal(lock).sentence


def test_lock_that_was_cut_off_is_refused(lock: Path) -> None:
    whole = lock.read_bytes()
    for length in range(0, len(whole) - 1, 11):
        lock.write_bytes(whole[:length])
        refusal(lock)


@pytest.mark.parametrize("field", ["file", "url", "sha256", "name", "version", "licence", "kind", "role"])
def test_source_that_does_not_match_the_schema_gives_no_lock(field: str) -> None:
    with pytest.raises(BadInput, match="this request gives no lock"):
        lock_text(request(), [replace(NUMPY, **{field: ""})], SEED)


@pytest.mark.parametrize("name", ["Upper", "-dash", "a b", "", "a/b", "new\n"])
def test_name_that_nix_would_not_take_gives_no_lock(name: str) -> None:
    with pytest.raises(BadInput, match="this request gives no lock"):
        lock_text(request(name), [NUMPY], SEED)


def test_no_sources_give_no_lock() -> None:
    with pytest.raises(BadInput, match="this request gives no lock"):
        lock_text(request(), [], SEED)


@pytest.mark.parametrize(
    ("place", "name"), [("locks/own.lock.json", "own"), ("models/digits/data.lock.json", "digits")]
)
def test_advice_names_what_to_lock_again(place: str, name: str, tmp_path: Path) -> None:
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_text("{")
    assert refusal(tmp_path / place).advice.endswith(f"builder lock --upgrade {name}")


def test_new_text_is_written(tmp_path: Path) -> None:
    assert write_whole(tmp_path / "lock", "text")
    assert (tmp_path / "lock").read_text() == "text"


def test_same_text_touches_nothing(tmp_path: Path) -> None:
    write_whole(tmp_path / "lock", "text")
    before = (tmp_path / "lock").stat()
    assert not write_whole(tmp_path / "lock", "text")
    assert (tmp_path / "lock").stat().st_ino == before.st_ino


def test_new_text_replaces_the_file_and_never_writes_into_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "lock", "old")
    with (tmp_path / "lock").open() as reader:
        write_whole(tmp_path / "lock", "new")
        assert reader.read() == "old"


def test_file_that_is_no_text_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes(b"\xff\xfe")
    assert write_whole(tmp_path / "lock", "text")


def test_text_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "lock", "\ud800")
    assert list(tmp_path.iterdir()) == []
