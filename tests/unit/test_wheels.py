"""What pip is asked for: wheels for Debian 12's Python, and the locked versions wherever they still fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from builder.wheels import kept, target_flags

LOCKED = {"numpy": "2.4.6", "pyyaml": "6.0.3", "scikit-learn": "1.9.1"}


def values(flag: str, python: str = "3.11") -> list[str]:
    flags = target_flags(python)
    return [flags[i + 1] for i, word in enumerate(flags) if word == flag]


def test_only_wheels_are_taken() -> None:
    assert values("--only-binary") == [":all:"]


def test_python_is_the_one_that_was_asked_for() -> None:
    assert values("--python-version", "3.12") == ["3.12"]
    assert values("--abi", "3.12") == ["cp312", "abi3", "none"]


def test_newest_libc_is_debian_12s() -> None:
    assert "manylinux_2_36_x86_64" in values("--platform")
    assert "manylinux_2_37_x86_64" not in values("--platform")


@pytest.mark.parametrize("platform", ["manylinux2014_x86_64", "manylinux_2_17_x86_64", "linux_x86_64"])
def test_older_platforms_are_taken(platform: str) -> None:
    assert platform in values("--platform")


def test_no_other_processor_is_taken() -> None:
    assert all(platform.endswith("_x86_64") for platform in values("--platform"))


def test_newer_platform_goes_before_an_older() -> None:
    numbered = [int(p.split("_")[2]) for p in values("--platform") if p.startswith("manylinux_")]
    assert numbered == sorted(numbered, reverse=True)


def test_locked_versions_are_kept() -> None:
    assert kept(["numpy", "pyyaml"], LOCKED) == ["numpy==2.4.6", "pyyaml==6.0.3", "scikit-learn==1.9.1"]


def test_nothing_locked_is_nothing_kept() -> None:
    assert kept(["numpy"], {}) == []


@pytest.mark.parametrize("line", ["numpy>=2.5", "numpy==2.4.5", "numpy<2", "NumPy!=2.4.6", "numpy[extra]>3"])
def test_version_that_a_requirement_rules_out_is_let_go(line: str) -> None:
    assert kept([line], LOCKED) == ["pyyaml==6.0.3", "scikit-learn==1.9.1"]


@pytest.mark.parametrize("line", ["numpy>=2", "numpy==2.4.6", "numpy~=2.4", "NUMPY<3"])
def test_version_that_still_fits_is_kept(line: str) -> None:
    assert "numpy==2.4.6" in kept([line], LOCKED)


@pytest.mark.parametrize("name", ["scikit_learn", "Scikit.Learn", "scikit-learn"])
def test_every_spelling_of_a_name_is_the_same(name: str) -> None:
    assert "scikit-learn==1.9.1" not in kept([f"{name}>2"], LOCKED)


def test_one_of_two_requirements_is_enough_to_rule_out() -> None:
    assert "numpy==2.4.6" not in kept(["numpy>=2", "numpy<2.1"], LOCKED)


def test_requirement_for_another_machine_rules_nothing_out() -> None:
    assert "numpy==2.4.6" in kept(["numpy", "numpy<1; sys_platform == 'win32'"], LOCKED)


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=3), st.lists(st.integers(0, 9), min_size=1, max_size=3)
)
def test_bound_decides_what_is_kept(locked: list[int], bound: list[int]) -> None:
    version, least = (".".join(map(str, parts)) for parts in (locked, bound))
    assert bool(kept([f"numpy>={least}"], {"numpy": version})) == (Version(version) >= Version(least))
