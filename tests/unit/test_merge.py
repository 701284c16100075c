"""Merging wheels: no path may have two contents, scripts run on the environment, and libraries find each other."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.unit.assembly import load

merge = load("merge")
wheel = load("wheel")
SITE = "lib/python3.11/site-packages"
BOTH = r"has different bytes in first\.whl and in second\.whl"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    merge.make_environment(tmp_path / "out", tmp_path / "sysroot", "3.11")
    return tmp_path / "out"


def tree(folder: Path, files: Mapping[str, str]) -> Path:
    """Writes an unpacked wheel."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def merged(out: Path, first: Mapping[str, str], second: Mapping[str, str]) -> None:
    trees = {
        name: tree(out.parent / name, files) for name, files in (("first.whl", first), ("second.whl", second))
    }
    merge.merge(trees, out, f"{out.parent}/sysroot/usr/bin/python3.11")


def test_files_are_links_in_real_folders(out: Path) -> None:
    merged(out, {f"{SITE}/nvidia/a/lib.so": "1"}, {f"{SITE}/nvidia/b/lib.so": "2"})
    folder = out / SITE / "nvidia"
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]
    assert not any(path.is_symlink() for path in (folder, folder / "a", folder / "b"))
    assert (folder / "a/lib.so").readlink() == out.parent / "first.whl" / SITE / "nvidia/a/lib.so"


def test_same_path_with_other_bytes_names_both(out: Path) -> None:
    with pytest.raises(merge.Conflict, match=rf"pkg/a\.py {BOTH}"):
        merged(out, {f"{SITE}/pkg/a.py": "1"}, {f"{SITE}/pkg/a.py": "2"})


def test_same_path_with_the_same_bytes_passes(out: Path) -> None:
    merged(out, {f"{SITE}/pkg/__init__.py": ""}, {f"{SITE}/pkg/__init__.py": ""})
    assert (out / SITE / "pkg/__init__.py").read_text() == ""


def test_scripts_of_two_wheels_conflict(out: Path) -> None:
    with pytest.raises(merge.Conflict, match=rf"bin/run {BOTH}"):
        merged(out, {"bin/run": "1"}, {"bin/run": "2"})


@pytest.mark.parametrize("swap", [False, True])
def test_file_where_another_has_a_folder_conflicts(swap: bool, out: Path) -> None:
    pair = [{f"{SITE}/pkg": "1"}, {f"{SITE}/pkg/a.py": "2"}]
    with pytest.raises(merge.Conflict, match="pkg"):
        merged(out, *(reversed(pair) if swap else pair))


@pytest.mark.parametrize("name", ["bin/python3", "bin/python", "pyvenv.cfg", "sources.json", "closure.json"])
def test_file_of_the_environments_own_is_not_replaced(name: str, out: Path) -> None:
    with pytest.raises(merge.Conflict, match=f"first.whl has the file {name}"):
        merged(out, {name: "mine"}, {})


def test_script_gets_the_environments_interpreter(out: Path) -> None:
    shebang = f"#!{out.parent}/sysroot/usr/bin/python3.11\n"
    merged(out, {"bin/run": shebang + "print(1)\n"}, {"bin/other": "#!/bin/sh\n"})
    assert (out / "bin/run").read_text() == f"#!{out}/bin/python3\nprint(1)\n"
    assert os.access(out / "bin/run", os.X_OK)
    assert (out / "bin/other").is_symlink()


def test_environment_is_one_that_python_takes_for_its_own(out: Path) -> None:
    """PEP 405: pyvenv.cfg beside bin, and a link to the interpreter."""
    sysroot = out.parent / "sysroot"
    assert (out / "bin/python3").readlink() == sysroot / "usr/bin/python3.11"
    assert (out / "bin/python").readlink() == Path("python3")
    assert (out / SITE).is_dir()
    lines = (out / "pyvenv.cfg").read_text().splitlines()
    assert lines == [f"home = {sysroot}/usr/bin", "include-system-site-packages = false"]


@pytest.fixture
def dist_info(tmp_path: Path) -> Path:
    """The `.dist-info` of an unpacked wheel, with uv's note in it."""
    folder = tmp_path / "pkg-1.dist-info"
    folder.mkdir()
    (folder / "uv_cache.json").write_text('{"timestamp": 1}')
    lines = ["pkg/a.py,sha256=x,1", "pkg-1.dist-info/uv_cache.json,sha256=y,16", "pkg-1.dist-info/RECORD,,"]
    (folder / "RECORD").write_text("\n".join(lines) + "\n")
    return folder


def test_note_about_the_cache_is_removed(dist_info: Path) -> None:
    wheel.forget_cache_note(dist_info / "RECORD")
    assert [path.name for path in dist_info.iterdir()] == ["RECORD"]


def test_only_the_line_about_the_note_is_removed(dist_info: Path) -> None:
    wheel.forget_cache_note(dist_info / "RECORD")
    assert (dist_info / "RECORD").read_text() == "pkg/a.py,sha256=x,1\npkg-1.dist-info/RECORD,,\n"


def test_record_without_a_note_is_left_as_it_is(dist_info: Path) -> None:
    (dist_info / "uv_cache.json").unlink()
    before = (dist_info / "RECORD").read_text()
    wheel.forget_cache_note(dist_info / "RECORD")
    assert (dist_info / "RECORD").read_text() == before
