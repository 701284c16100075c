"""What a toolchain needs: every library by the loader's rules, every wheel's requirements with their extras."""

from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.unit.assembly import load

closure = load("closure")
LIBRARY = "libx.so.1"


def binary(
    *, rpath: tuple[str, ...] = (), run_path: tuple[str, ...] | None = None, program: bool = False
) -> object:
    return closure.Binary(needed=(LIBRARY,), rpath=rpath, run_path=run_path, program=program)


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Folders `own` and `system`; each test puts the library into one of them."""
    for name in ("own", "system"):
        (tmp_path / name).mkdir()
    return {name: tmp_path / name for name in ("own", "system")}


def found(folders: dict[str, Path], where: str, it: object) -> bool:
    (folders[where] / LIBRARY).write_text("")
    return bool(closure.found(LIBRARY, folders["own"] / "user.so", it, [folders["system"]]))


def test_library_beside_its_user_is_found_by_origin(folders: dict[str, Path]) -> None:
    assert found(folders, "own", binary(run_path=("$ORIGIN",)))


def test_library_beside_its_user_is_not_found_by_itself(folders: dict[str, Path]) -> None:
    assert not found(folders, "own", binary())


def test_origin_goes_up(folders: dict[str, Path]) -> None:
    assert found(folders, "system", binary(run_path=("$ORIGIN/../system",)))


def test_file_without_a_run_path_looks_into_the_interpreters(folders: dict[str, Path]) -> None:
    assert found(folders, "system", binary(rpath=("$ORIGIN",)))


def test_file_with_a_run_path_does_not(folders: dict[str, Path]) -> None:
    """ld.so(8): DT_RUNPATH switches off every DT_RPATH."""
    assert not found(folders, "system", binary(run_path=("$ORIGIN",)))


def test_program_with_a_run_path_does_since_the_loader_is_given_the_folders(folders: dict[str, Path]) -> None:
    assert found(folders, "system", binary(run_path=("$ORIGIN",), program=True))


def test_what_is_no_elf_file_needs_nothing(tmp_path: Path) -> None:
    for content in (b"", b"\x7fEL", b"#!/bin/sh\n"):
        (tmp_path / "file").write_bytes(content)
        assert closure.read_binary(tmp_path / "file") is None


def test_damaged_elf_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.so").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(3))
    with pytest.raises(closure.Unclosed, match=r"broken\.so is a damaged ELF file"):
        closure.read_binary(tmp_path / "broken.so")


def add(folder: Path, name: str, version: str, *requires: str, extras: str = "") -> None:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {line}" for line in requires)]
    lines += [f"Provides-Extra: {extras}"] if extras else []
    (info / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")


def unmet(folder: Path) -> list[str]:
    return list(closure.unmet(list(distributions(path=[str(folder)]))))


def test_missing_wheel_is_named_with_who_asks(tmp_path: Path) -> None:
    add(tmp_path, "torch", "2.14.1", "nvidia-cudnn-cu13==9.24")
    assert unmet(tmp_path) == ["torch 2.14.1 requires nvidia-cudnn-cu13==9.24, which the lock lacks"]


def test_other_version_is_named(tmp_path: Path) -> None:
    add(tmp_path, "torch", "2.14.1", "sympy>=1.13")
    add(tmp_path, "sympy", "1.12")
    assert unmet(tmp_path) == ["torch 2.14.1 requires sympy>=1.13; the lock has 1.12"]


def test_requirement_for_another_platform_does_not_count(tmp_path: Path) -> None:
    add(tmp_path, "torch", "2.14.1", 'colorama; platform_system == "Windows"')
    assert unmet(tmp_path) == []


def test_extra_that_nobody_asks_for_does_not_count(tmp_path: Path) -> None:
    add(tmp_path, "torch", "2.14.1", 'optree; extra == "optree"', extras="optree")
    assert unmet(tmp_path) == []


def test_extra_that_another_wheel_asks_for_counts(tmp_path: Path) -> None:
    add(tmp_path, "torch", "2.14.1", "cuda-toolkit[cublas]==13.0")
    add(tmp_path, "cuda-toolkit", "13.0", 'nvidia-cublas==13.1.*; extra == "cublas"', extras="cublas")
    (line,) = unmet(tmp_path)
    assert line.startswith("cuda-toolkit[cublas] 13.0 requires nvidia-cublas==13.1.*")
    assert line.endswith("which the lock lacks")


def test_names_are_compared_as_pip_does(tmp_path: Path) -> None:
    add(tmp_path, "a", "1", "Typing_Extensions>=4")
    add(tmp_path, "typing-extensions", "4.16.0")
    assert unmet(tmp_path) == []
