"""A site is written whole or not at all, and never in place of what is no site."""

import fcntl
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.small_disk import small_disk
from verifier.errors import BadInput, CouldNotCheck, VerifierError
from verifier.site import write
from verifier.site.write import MARK, refuse_site, write_site

PAGES = (("index.html", "one"), ("models/tiny.html", "two"))


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def refused(target: Path, kind: type[VerifierError] = BadInput) -> str:
    """Returns why a site is not written; nothing is left of it."""
    before = sorted(target.parent.iterdir()) if target.parent.is_dir() else []
    with pytest.raises(kind) as caught:
        write_site(target, PAGES)
    assert (sorted(target.parent.iterdir()) if target.parent.is_dir() else []) == before
    return caught.value.sentence


def test_site_is_written_with_the_folders_above(tmp_path: Path) -> None:
    write_site(tmp_path / "deep" / "site", PAGES)
    assert names(tmp_path) == [f"deep/site/{MARK}", "deep/site/index.html", "deep/site/models/tiny.html"]


def test_older_site_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    write_site(tmp_path / "site", (*PAGES, ("old.html", "old")))
    (tmp_path / "site").chmod(0o750)
    write_site(tmp_path / "site", PAGES)
    assert names(tmp_path / "site") == [MARK, "index.html", "models/tiny.html"]
    assert (tmp_path / "site").stat().st_mode & 0o777 == 0o750
    assert os.listdir(tmp_path) == ["site"]


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    write_site(tmp_path / "site", PAGES)
    assert (tmp_path / "site" / "index.html").read_text() == "one" and os.listdir(tmp_path) == ["site"]


def test_link_to_a_site_stays_a_link(tmp_path: Path) -> None:
    write_site(tmp_path / "real", (("index.html", "old"),))
    (tmp_path / "site").symlink_to("real")
    write_site(tmp_path / "site", PAGES)
    assert (tmp_path / "site").is_symlink() and (tmp_path / "real" / "index.html").read_text() == "one"


def test_file_system_that_cannot_exchange_names_gets_a_site_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such file system can be had here: overlay over NFS answers so."""

    def exchange(first: Path, second: Path) -> None:
        raise OSError(22, "Invalid argument")

    write_site(tmp_path / "site", (("index.html", "old"),))
    monkeypatch.setattr(write, "exchange", exchange)
    write_site(tmp_path / "site", PAGES)
    assert (tmp_path / "site" / "index.html").read_text() == "one" and os.listdir(tmp_path) == ["site"]


def test_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.tex").write_text("years")
    assert refused(tmp_path / "site") == f"{tmp_path / 'site'} holds something else than a site"
    assert names(tmp_path) == ["site/thesis.tex"]


def test_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    assert refused(tmp_path / "site") == f"{tmp_path / 'site'} is no folder"


def test_what_comes_there_meanwhile_is_left_alone(tmp_path: Path) -> None:
    def pages() -> Iterator[tuple[str, str]]:
        yield PAGES[0]
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "mine").write_text("mine")

    with pytest.raises(BadInput, match="holds something else"):
        write_site(tmp_path / "site", pages())
    assert names(tmp_path) == ["site/mine"]


def test_page_that_cannot_be_drawn_leaves_the_older_site(tmp_path: Path) -> None:
    def pages() -> Iterator[tuple[str, str]]:
        yield "index.html", "new"
        raise CouldNotCheck("it ended", advice="")

    write_site(tmp_path / "site", PAGES)
    with pytest.raises(CouldNotCheck):
        write_site(tmp_path / "site", pages())
    assert (tmp_path / "site" / "index.html").read_text() == "one" and os.listdir(tmp_path) == ["site"]


def test_what_a_killed_writer_left_is_taken_over(tmp_path: Path) -> None:
    write_site(tmp_path / ".site.writing", (("half.html", ""),))
    write_site(tmp_path / ".site.old", (("older.html", ""),))
    write_site(tmp_path / "site", (("index.html", "old"),))
    write_site(tmp_path / "site", PAGES)
    assert names(tmp_path) == [f"site/{MARK}", "site/index.html", "site/models/tiny.html"]


@pytest.mark.parametrize("name", [".site.writing", ".site.old"])
def test_what_else_has_the_name_beside_is_left_alone(name: str, tmp_path: Path) -> None:
    write_site(tmp_path / "site", PAGES)
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine").write_text("mine")
    assert "holds something else than a site" in refused(tmp_path / "site")
    assert (tmp_path / name / "mine").exists()


def test_second_writer_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    def pages() -> Iterator[tuple[str, str]]:
        yield PAGES[0]
        with pytest.raises(CouldNotCheck, match="another process writes to"):
            write_site(tmp_path / "site", PAGES)
        yield PAGES[1]

    write_site(tmp_path / "site", pages())
    assert names(tmp_path / "site") == [MARK, "index.html", "models/tiny.html"]


def test_folder_that_was_taken_away_is_noticed(tmp_path: Path) -> None:
    def pages() -> Iterator[tuple[str, str]]:
        yield PAGES[0]
        (tmp_path / ".site.writing").rename(tmp_path / "elsewhere")
        yield PAGES[1]

    with pytest.raises(CouldNotCheck, match="another process writes to"):
        write_site(tmp_path / "site", pages())
    assert not (tmp_path / "site").exists()


def test_locked_folder_beside_is_no_wait(tmp_path: Path) -> None:
    (tmp_path / ".site.writing").mkdir()
    held = os.open(tmp_path / ".site.writing", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert "another process writes to" in refused(tmp_path / "site", CouldNotCheck)
    os.close(held)


@pytest.mark.parametrize("target", ["/proc/site", "/sys/kernel/site", "/dev/null/site", "/"])
def test_place_that_cannot_be_written_is_refused_in_a_sentence(target: str) -> None:
    with pytest.raises(BadInput) as caught:
        write_site(Path(target), PAGES)
    assert caught.value.sentence.startswith(target) and "\n" not in caught.value.sentence


def test_read_only_folder_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        write_site(disk / "site", PAGES)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(BadInput) as caught:
            refuse_site(disk / "site")
        assert caught.value.sentence.startswith(f"{disk / 'site'} cannot be written: ")
        assert (disk / "site" / "index.html").read_text() == "one"


def test_full_disk_is_a_sentence_and_the_older_site_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        write_site(disk / "site", PAGES)
        with pytest.raises(CouldNotCheck) as caught:
            write_site(disk / "site", (("index.html", "x" * 100_000),))
        assert caught.value.sentence == f"the disk of {disk / 'site'} is full"
        assert (disk / "site" / "index.html").read_text() == "one" and os.listdir(disk) == ["site"]


def test_mounted_folder_is_a_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        assert "is a mounted disk" in refused(disk)


def test_links_in_a_circle_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "site").symlink_to("site")
    assert "circle" in refused(tmp_path / "site")


def test_text_that_is_no_utf8_is_written_as_it_can_be(tmp_path: Path) -> None:
    write_site(tmp_path / "site", (("index.html", "\udcff"),))
    assert (tmp_path / "site" / "index.html").read_text() == "\\udcff"
