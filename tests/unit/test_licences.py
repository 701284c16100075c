"""The licence of a package: what it states itself, else what a person read, else none."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.licences import READ_BY_A_PERSON, deb_licence, wheel_licence

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")
OSI = "License :: OSI Approved :: "
DEP5 = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: thing

Files: *
Copyright: 2020 Somebody
License: {}

Files: debian/*
Copyright: 2021 Somebody
License: GPL-2+
"""


def test_expression_goes_before_all_else() -> None:
    metadata = {"license_expression": "MIT", "license": "BSD", "classifier": [f"{OSI}Apache"]}
    assert wheel_licence(metadata) == "MIT"


def test_one_line_of_licence_goes_before_classifiers() -> None:
    assert wheel_licence({"license": " BSD-3-Clause ", "classifier": [f"{OSI}Apache"]}) == "BSD-3-Clause"


def test_whole_licence_text_is_no_name() -> None:
    metadata = {"license": "Copyright (c)\nPermission is hereby", "classifier": [f"{OSI}MIT License"]}
    assert wheel_licence(metadata) == "MIT License"


def test_several_classifiers_all_count() -> None:
    metadata = {"classifier": [f"{OSI}MIT License", "Topic :: X", f"{OSI}BSD License"]}
    assert wheel_licence(metadata) == "MIT License AND BSD License"


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"license": ""},
        {"license": None, "classifier": []},
        {"classifier": ["Topic :: X"]},
        {"license": ["x"]},
    ],
)
def test_metadata_that_states_none_gives_none(metadata: dict[str, object]) -> None:
    assert wheel_licence(metadata) is None


def test_unknown_is_the_name_of_no_licence() -> None:
    """Old setuptools wrote this where nobody had stated one."""
    assert wheel_licence({"license": "UNKNOWN"}) is None


@given(
    st.dictionaries(st.sampled_from(["license_expression", "license", "classifier"]), st.none() | st.text())
)
def test_licence_is_one_line_or_none(metadata: dict[str, object]) -> None:
    found = wheel_licence(metadata)
    assert found is None or (found.strip() == found != "" and "\n" not in found)


def make_deb(folder: Path, copyright_text: str | bytes | None, name: str = "thing") -> Path:
    """Writes a package whose copyright file says `copyright_text`."""
    (folder / "root" / "DEBIAN").mkdir(parents=True)
    (folder / "root" / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.com>\nDescription: x\n"
    )
    documents = folder / "root" / "usr" / "share" / "doc" / name
    documents.mkdir(parents=True)
    if copyright_text is not None:
        content = copyright_text if isinstance(copyright_text, bytes) else copyright_text.encode()
        (documents / "copyright").write_bytes(content)
    argv = ["dpkg-deb", "--build", "-Zxz", "--root-owner-group", str(folder / "root"), str(folder / "x.deb")]
    subprocess.run(argv, check=True, capture_output=True)
    return folder / "x.deb"


@needs_dpkg
def test_short_names_of_a_package_are_joined(tmp_path: Path) -> None:
    assert deb_licence(make_deb(tmp_path, DEP5.format("Expat")), "thing") == "Expat AND GPL-2+"


@needs_dpkg
def test_name_given_twice_is_said_once(tmp_path: Path) -> None:
    assert deb_licence(make_deb(tmp_path, DEP5.format("GPL-2+")), "thing") == "GPL-2+"


@needs_dpkg
def test_choice_of_licences_is_put_in_brackets(tmp_path: Path) -> None:
    found = deb_licence(make_deb(tmp_path, DEP5.format("Expat or BSD-3-clause")), "thing")
    assert found == "(Expat or BSD-3-clause) AND GPL-2+"


@needs_dpkg
@pytest.mark.parametrize("text", ["This is prose.\n", "", b"\xff\xfe", None, "Format: x\n"])
def test_package_that_no_program_can_read_has_none(text: str | bytes | None, tmp_path: Path) -> None:
    assert deb_licence(make_deb(tmp_path, text), "thing") is None


@needs_dpkg
def test_prose_that_a_person_read_has_what_they_read(tmp_path: Path) -> None:
    assert deb_licence(make_deb(tmp_path, "This is prose.\n", "libc6"), "libc6") == READ_BY_A_PERSON["libc6"]


@needs_dpkg
def test_copyright_of_another_package_is_not_read(tmp_path: Path) -> None:
    assert deb_licence(make_deb(tmp_path, DEP5.format("Expat")), "other") is None
