"""Licences and package URLs in a bill of materials, held against SPDX's list and the published parser."""

import json
from pathlib import Path

import cyclonedx.schema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from builder.runtime.packaging.licences import CUDA, EXCEPTIONS, LICENCES, is_expression, licence_choice
from builder.runtime.packaging.purl import model_purl, source_purl
from tests.unit.bills import CUDA_LOCK, LOCKS, Json, bill, components


@pytest.mark.parametrize("source", CUDA_LOCK, ids=lambda source: source["name"])
def test_licence_is_what_the_lock_states_or_the_agreement_by_name(source: dict[str, str]) -> None:
    one = components(bill())[f"toolchain/{source['file']}"]
    assert {"name": "samebits:licence", "value": source["licence"]} in one["properties"]  # type: ignore[operator]
    (choice,) = one["licenses"]  # type: ignore[misc]
    said = choice.get("expression") or choice["license"].get("id") or choice["license"]["name"]
    assert said == source["licence"] or "NVIDIA" in said


@pytest.mark.parametrize("name", [s["name"] for s in CUDA_LOCK if "NVIDIA" in s["licence"]])
def test_library_of_cuda_names_its_agreement(name: str) -> None:
    (source,) = (s for s in CUDA_LOCK if s["name"] == name)
    (choice,) = components(bill())[f"toolchain/{source['file']}"]["licenses"]  # type: ignore[misc]
    wanted = {
        "nvidia-cudnn-cu13": "License Agreement for NVIDIA Software Development Kits",
        "nvidia-nccl-cu13": "LicenseRef-NVIDIA-Proprietary",
        "nvidia-cusparselt-cu13": "NVIDIA Proprietary Software",
    }
    assert choice == {"license": {"name": wanted.get(name, CUDA)}}


@pytest.mark.parametrize(
    ("stated", "choice"),
    [
        ("MIT", {"license": {"id": "MIT"}}),
        ("MIT OR Apache-2.0", {"expression": "MIT OR Apache-2.0"}),
        (
            "GPL-3.0-or-later WITH GCC-exception-3.1",
            {"expression": "GPL-3.0-or-later WITH GCC-exception-3.1"},
        ),
        ("(MIT AND X11) OR Zlib", {"expression": "(MIT AND X11) OR Zlib"}),
        ("EUPL-1.2+", {"expression": "EUPL-1.2+"}),
        ("LicenseRef-Public-Domain AND MIT", {"expression": "LicenseRef-Public-Domain AND MIT"}),
        ("LicenseRef-Public-Domain", {"license": {"name": "LicenseRef-Public-Domain"}}),
        ("BSD-3-clause", {"license": {"name": "BSD-3-clause"}}),
        ("GPL-2+ AND MIT", {"license": {"name": "GPL-2+ AND MIT"}}),
        ("MIT or X11", {"license": {"name": "MIT or X11"}}),
        ("Apache Software License", {"license": {"name": "Apache Software License"}}),
    ],
)
def test_only_what_spdx_lists_is_called_an_id_or_an_expression(stated: str, choice: Json) -> None:
    assert licence_choice(stated) == [choice]


@pytest.mark.parametrize(
    "text",
    [
        *("", "(", "MIT)", "(MIT", "MIT AND", "AND MIT", "MIT MIT", "()", "MIT++", "LicenseRef-"),
        *("MIT WITH MIT", "GCC-exception-3.1", "(MIT) WITH GCC-exception-3.1"),
        "MIT WITH GCC-exception-3.1 WITH LLVM-exception",
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    assert not is_expression(text)


def test_ids_are_those_of_the_published_list() -> None:
    schema = json.loads(
        (Path(cyclonedx.schema.__path__[0]) / "_res" / "spdx.SNAPSHOT.schema.json").read_text()
    )
    assert set(schema["enum"]) == LICENCES | EXCEPTIONS
    assert not LICENCES & EXCEPTIONS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_package_urls_are_in_canonical_form(lock: Path) -> None:
    for source in json.loads(lock.read_text())["sources"]:
        one = source_purl(source["kind"], source["name"], source["version"], source["file"])
        parsed = PackageURL.from_string(one)
        assert parsed.to_string() == one
        assert (parsed.name, parsed.version) == (source["name"], source["version"])
        assert parsed.type == {"deb": "deb", "wheel": "pypi"}[source["kind"]]


def test_package_url_of_a_deb_says_machine_and_suite() -> None:
    one = source_purl("deb", "libstdc++6", "1:2.0+b1~deb12", "libstdc++6_2.0+b1~deb12_amd64.deb")
    assert one == "pkg:deb/debian/libstdc%2B%2B6@1:2.0%2Bb1~deb12?arch=amd64&distro=bookworm"


@given(
    st.from_regex(r"[a-z0-9][a-z0-9.+-]*", fullmatch=True),
    st.from_regex(r"[0-9][A-Za-z0-9.+:~-]*", fullmatch=True),
)
def test_any_version_survives_in_a_package_url(name: str, version: str) -> None:
    parsed = PackageURL.from_string(source_purl("deb", name, version, f"{name}_{version}_all.deb"))
    assert (parsed.name, parsed.version, parsed.qualifiers) == (
        name,
        version,
        {"arch": "all", "distro": "bookworm"},
    )
    assert PackageURL.from_string(model_purl("a", version)).version == version
