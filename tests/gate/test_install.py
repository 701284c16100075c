"""Install: the verified bytes, at once and read-only, or nothing; and what was there stays until then."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gate.running import verify
from tests.gate.scene import Gate
from tests.gate.spoils import pickled, repackaged, without
from verifier.gate import formats
from verifier.gate.formats import kind_of
from verifier.gate.install import staged
from verifier.ledger.entries import ADMISSION
from verifier.ledger.ledger import open_ledger
from verifier.signing.reasons import Reason, Refused
from verifier.signing.tree import read_tree


def target(gate: Gate) -> Path:
    return gate.folder / "deployed"


def left(gate: Gate) -> list[str]:
    """What lies beside the target and should not."""
    return [path.name for path in gate.folder.iterdir() if ".installing-" in path.name]


def test_admitted_bundle_is_installed_read_only(gate: Gate) -> None:
    said = verify(gate, "--install", str(target(gate)))
    assert said.code == 0, said.out + said.err
    assert said.document["decision"]["installed"] == str(target(gate))
    assert read_tree(target(gate)) == gate.contents.files
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [target(gate), *target(gate).rglob("*")]}
    assert modes == {0o444, 0o555}
    assert not left(gate)


def test_refused_bundle_is_not_installed(gate: Gate) -> None:
    without("approval")(gate)
    said = verify(gate, "--install", str(target(gate)))
    assert (said.code, said.document["decision"]["installed"]) == (1, None)
    assert not target(gate).exists()
    assert not left(gate)


def test_bundle_that_only_the_ledger_refuses_is_not_installed(gate: Gate) -> None:
    with open_ledger(str(gate.ledger)) as ledger, ledger.locked() as book:
        book.append(ADMISSION, "tiny", {"version": "2.0.0", "root_sha256": "0" * 64, "channel": "production"})
    assert verify(gate, "--install", str(target(gate))).reasons == {"rollback"}
    assert not target(gate).exists()
    assert not left(gate)


def test_installed_bundle_is_exchanged_for_the_next(gate: Gate) -> None:
    assert verify(gate, "--install", str(target(gate))).code == 0
    before = target(gate).stat().st_ino
    assert verify(gate, "--install", str(target(gate))).code == 0
    assert target(gate).stat().st_ino != before
    assert read_tree(target(gate)) == gate.contents.files
    assert not left(gate)


def a_file(place: Path) -> None:
    place.write_text("mine")


def a_folder(place: Path) -> None:
    place.mkdir()
    (place / "mine").write_text("mine")


def a_link(place: Path) -> None:
    (place.parent / "elsewhere").mkdir()
    place.symlink_to("elsewhere")


def a_dangling_link(place: Path) -> None:
    place.symlink_to("nowhere")


@pytest.mark.parametrize("make", [a_file, a_folder, a_link, a_dangling_link], ids=lambda make: make.__name__)
def test_anything_else_that_is_there_is_left_alone(make: Callable[[Path], None], gate: Gate) -> None:
    make(target(gate))
    said = verify(gate, "--install", str(target(gate)))
    assert said.code == 2
    assert "is there, and is no installed bundle" in said.err
    assert os.path.lexists(target(gate))
    with open_ledger(str(gate.ledger)) as ledger:
        assert ledger.entries() == []


@pytest.mark.parametrize("place", ["tiny/inside", ".", "no/such/folder"])
def test_target_that_makes_no_sense_is_bad_input(place: str, gate: Gate) -> None:
    assert verify(gate, "--install", str(gate.folder / place)).code == 2


def edit(path: Path) -> None:
    path.write_text(path.read_text().replace("0.5", "0.9"))


def grow(path: Path) -> None:
    with path.open("a") as file:
        file.write(" " * 1000)


def cut(path: Path) -> None:
    path.write_text("{}")


def link(path: Path) -> None:
    path.rename(path.with_name("hidden"))
    path.symlink_to("hidden")


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [edit, grow, cut, link, remove], ids=lambda change: change.__name__)
def test_file_that_changes_after_it_was_verified_is_refused(
    change: Callable[[Path], None], gate: Gate
) -> None:
    contents = gate.contents
    change(gate.bundle / "metrics.json")
    with pytest.raises(Refused) as refused, staged(gate.bundle, contents, target(gate)):
        pass
    assert refused.value.reason is Reason.CHANGED
    assert not target(gate).exists()
    assert not left(gate)


def test_change_between_copy_and_commit_does_not_matter(gate: Gate) -> None:
    contents = gate.contents
    with staged(gate.bundle, contents, target(gate)) as stage:
        edit(gate.bundle / "metrics.json")
        stage.commit()
    assert read_tree(target(gate)) == contents.files


def test_files_that_are_shown_to_the_check_of_formats_alone_do_not_help(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody shows other bytes while formats are looked at: the copy, which nobody else has, is looked at."""
    repackaged(pickled)(gate)
    place = gate.bundle / "code" / "notes.txt"
    asked: list[Path] = []

    def shown(path: Path) -> str:
        asked.append(path)
        return "text" if path == place else kind_of(path)

    monkeypatch.setattr(formats, "kind_of", shown)
    assert verify(gate).code == 0  # nobody can know, and the folder is the user's to keep
    assert verify(gate, "--install", str(target(gate))).reasons == {"pickle"}
    assert not target(gate).exists()
    assert place in asked
