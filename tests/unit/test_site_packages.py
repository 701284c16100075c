"""Merging wheels: no path may have two contents, whichever wheel, scheme or entry point it comes from."""

import base64
import hashlib
import importlib.util
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import REPOSITORY


def load() -> ModuleType:
    """Loads the file by its path, as the build does; it belongs to no package."""
    path = REPOSITORY / "builder" / "assemble" / "site_packages.py"
    spec = importlib.util.spec_from_file_location("site_packages", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


site_packages = load()


def record_line(path: str, content: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).decode().rstrip("=")
    return f"{path},sha256={digest},{len(content)}\n"


def make_wheel(folder: Path, name: str, files: Mapping[str, str], *, record: bool = True) -> Path:
    """Writes a wheel of `files`; those in `.dist-info` and `.data` get the wheel's own prefix."""
    prefixed = {
        f"{name}-1{path}" if path.startswith((".data/", ".dist-info/")) else path: content
        for path, content in files.items()
    }
    lines = [record_line(path, content) for path, content in prefixed.items()]
    own = f"{name}-1.dist-info/RECORD"
    wheel = folder / f"{name}-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in prefixed.items():
            archive.writestr(path, content)
        if record:
            archive.writestr(own, "".join(lines) + f"{own},,\n")
    return wheel


def conflict(folder: Path, first: Mapping[str, str], second: Mapping[str, str]) -> str:
    """Returns what is said about two wheels, and nothing where they agree."""
    wheels = [make_wheel(folder, "first", first), make_wheel(folder, "second", second)]
    try:
        site_packages.check_conflicts({wheel.name: site_packages.recorded(wheel) for wheel in wheels})
    except site_packages.Conflict as error:
        return str(error)
    return ""


BOTH = "has different bytes in first-1-py3-none-any.whl and in second-1-py3-none-any.whl"


def points(**scripts: str) -> dict[str, str]:
    lines = "".join(f"{name} = {target}\n" for name, target in scripts.items())
    return {".dist-info/entry_points.txt": f"[console_scripts]\n{lines}"}


def test_same_path_with_other_bytes_names_both(tmp_path: Path) -> None:
    assert conflict(tmp_path, {"pkg/a.py": "1"}, {"pkg/a.py": "2"}) == f"pkg/a.py {BOTH}"


def test_same_path_with_the_same_bytes_passes(tmp_path: Path) -> None:
    assert conflict(tmp_path, {"pkg/__init__.py": ""}, {"pkg/__init__.py": ""}) == ""


def test_third_wheel_is_compared_with_the_first() -> None:
    wheels = {"a.whl": {"x": "1"}, "b.whl": {"y": "1"}, "c.whl": {"x": "2"}}
    with pytest.raises(site_packages.Conflict, match=r"x has different bytes in a\.whl and in c\.whl"):
        site_packages.check_conflicts(wheels)


@pytest.mark.parametrize("scheme", ["purelib", "platlib"])
def test_file_of_a_library_scheme_is_a_file_of_the_library(scheme: str, tmp_path: Path) -> None:
    assert conflict(tmp_path, {"pkg/a.py": "1"}, {f".data/{scheme}/pkg/a.py": "2"}) == f"pkg/a.py {BOTH}"


def test_scripts_of_two_wheels_conflict(tmp_path: Path) -> None:
    found = conflict(tmp_path, {".data/scripts/run": "1"}, {".data/scripts/run": "2"})
    assert found == f"scripts/run {BOTH}"


def test_script_is_no_file_of_the_library(tmp_path: Path) -> None:
    assert conflict(tmp_path, {".data/scripts/run": "1"}, {"run": "2"}) == ""


def test_entry_points_of_two_wheels_conflict(tmp_path: Path) -> None:
    assert conflict(tmp_path, points(run="a:main"), points(run="b:main")) == f"scripts/run {BOTH}"


def test_entry_point_and_script_conflict(tmp_path: Path) -> None:
    assert conflict(tmp_path, {".data/scripts/run": "1"}, points(run="b:main")) == f"scripts/run {BOTH}"


def test_equal_entry_points_pass(tmp_path: Path) -> None:
    assert conflict(tmp_path, points(run="a:main"), points(run="a:main")) == ""


def test_entry_points_with_and_without_a_window_are_scripts(tmp_path: Path) -> None:
    window = {".dist-info/entry_points.txt": "[gui_scripts]\nrun = b:main\n"}
    assert conflict(tmp_path, points(run="a:main"), window) == f"scripts/run {BOTH}"


def test_capitals_in_a_script_count(tmp_path: Path) -> None:
    found = conflict(tmp_path, {".data/scripts/Run": "1"}, points(Run="b:main"))
    assert found == f"scripts/Run {BOTH}"


def test_scripts_that_differ_in_capitals_pass(tmp_path: Path) -> None:
    assert conflict(tmp_path, points(Run="a:main"), points(run="b:main")) == ""


def test_entry_points_for_other_programs_are_no_scripts(tmp_path: Path) -> None:
    plugins = [{".dist-info/entry_points.txt": f"[plugins]\nx = {name}:main\n"} for name in ("a", "b")]
    assert conflict(tmp_path, *plugins) == ""


def test_wheel_without_record_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "bare", {"a.py": "1"}, record=False)
    with pytest.raises(
        site_packages.Conflict, match=r"bare-1-py3-none-any\.whl is no wheel: it has no RECORD"
    ):
        site_packages.recorded(wheel)


def test_file_that_record_leaves_out_conflicts_too(tmp_path: Path) -> None:
    """uv unpacks what the archive holds, not what RECORD says."""
    wheel = make_wheel(tmp_path, "first", {"a.py": "1"})
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("hidden.py", "1")
    other = make_wheel(tmp_path, "second", {"hidden.py": "2"})
    with pytest.raises(site_packages.Conflict, match=r"hidden\.py has different bytes"):
        site_packages.check_conflicts({path.name: site_packages.recorded(path) for path in (wheel, other)})


def test_record_of_a_vendored_package_is_not_the_wheels_own(tmp_path: Path) -> None:
    vendored = {"pkg/a.py": "1", "pkg/_vendor/x-1.dist-info/RECORD": "x.py,sha256=0,1\n"}
    wheel = make_wheel(tmp_path, "first", vendored)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("pkg/_vendor/y-1.dist-info/RECORD", "y.py,sha256=0,1\n")
    assert "pkg/a.py" in site_packages.recorded(wheel)
    assert "y.py" not in site_packages.recorded(wheel)


def test_record_in_a_folder_of_dist_info_is_none(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "bare", {".dist-info/licenses/RECORD": "x.py,sha256=0,1\n"}, record=False)
    with pytest.raises(site_packages.Conflict, match="it has no RECORD"):
        site_packages.recorded(wheel)


def test_environment_is_one_that_python_takes_for_its_own(tmp_path: Path) -> None:
    """PEP 405: pyvenv.cfg beside bin, and a link to the interpreter."""
    site_packages.make_environment(tmp_path / "out", tmp_path / "sysroot", "3.11")
    out = tmp_path / "out"
    assert (out / "bin/python3").readlink() == tmp_path / "sysroot/usr/bin/python3.11"
    assert (out / "bin/python").readlink() == Path("python3")
    assert (out / "lib/python3.11/site-packages").is_dir()
    lines = (out / "pyvenv.cfg").read_text().splitlines()
    assert lines == [f"home = {tmp_path}/sysroot/usr/bin", "include-system-site-packages = false"]


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
    site_packages.forget_cache_note(dist_info / "RECORD")
    assert [path.name for path in dist_info.iterdir()] == ["RECORD"]


def test_only_the_line_about_the_note_is_removed(dist_info: Path) -> None:
    site_packages.forget_cache_note(dist_info / "RECORD")
    assert (dist_info / "RECORD").read_text() == "pkg/a.py,sha256=x,1\npkg-1.dist-info/RECORD,,\n"


def test_record_without_a_note_is_left_as_it_is(dist_info: Path) -> None:
    (dist_info / "uv_cache.json").unlink()
    before = (dist_info / "RECORD").read_text()
    site_packages.forget_cache_note(dist_info / "RECORD")
    assert (dist_info / "RECORD").read_text() == before
