"""What a step was asked to do, and what of the environment its script may see."""

import json
from pathlib import Path

import pytest

from builder.runtime import paths
from builder.runtime.plan import read_plan
from tests.unit.steps import plan_with

ASKED = {
    "step": "train",
    "model": "digits",
    "version": "1.0.0",
    "code": "/nix/store/0-code",
    "script": "train.py",
    "params": "/nix/store/0-params.yaml",
    "schema": None,
    "device": "cpu",
    "inputs": {"prepare": "/nix/store/0-prepare"},
    "sources": {"digits": "/nix/store/0-digits.whl"},
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment as step.nix sets it."""
    monkeypatch.setenv("SAMEBITS_STEP", json.dumps(ASKED))
    monkeypatch.setenv("out", "/nix/store/0-out")
    return monkeypatch


def test_plan_is_read_from_the_environment(asked: pytest.MonkeyPatch) -> None:
    plan = read_plan()
    assert (plan.step, plan.model, plan.version, plan.script) == ("train", "digits", "1.0.0", "train.py")
    assert (plan.code, plan.output) == (Path("/nix/store/0-code"), Path("/nix/store/0-out"))
    assert plan.inputs == {"prepare": Path("/nix/store/0-prepare")}
    assert plan.sources == {"digits": Path("/nix/store/0-digits.whl")}
    assert plan.schema is None


def test_schema_is_a_path_where_there_is_one(asked: pytest.MonkeyPatch) -> None:
    asked.setenv("SAMEBITS_STEP", json.dumps({**ASKED, "schema": "/nix/store/0-schema.json"}))
    assert read_plan().schema == Path("/nix/store/0-schema.json")


@pytest.mark.parametrize("name", ["SAMEBITS_STEP", "out"])
def test_environment_of_no_build_is_refused(name: str, asked: pytest.MonkeyPatch) -> None:
    asked.delenv(name)
    with pytest.raises(KeyError):
        read_plan()


@pytest.mark.parametrize("field", ASKED)
def test_step_without_a_field_is_refused(field: str, asked: pytest.MonkeyPatch) -> None:
    asked.setenv("SAMEBITS_STEP", json.dumps({k: v for k, v in ASKED.items() if k != field}))
    with pytest.raises(KeyError):
        read_plan()


def test_script_sees_where_things_are() -> None:
    environment = plan_with(
        inputs={"prepare": Path("/in")}, sources={"digits": Path("/digits.whl")}
    ).environment()
    assert environment["SAMEBITS_INPUT_PREPARE"] == "/in"
    assert environment["SAMEBITS_SOURCE_DIGITS"] == "/digits.whl"
    assert environment["SAMEBITS_PARAMS"] == "/params.yaml"
    assert environment["SAMEBITS_OUTPUT"] == "/out"
    assert [environment[f"SAMEBITS_{name}"] for name in ("STEP", "MODEL", "VERSION")] == [
        "train",
        "digits",
        "1.0.0",
    ]


@pytest.mark.parametrize(
    "name",
    ["PYTHONHASHSEED", "LC_ALL", "TZ", "OMP_NUM_THREADS", "GLIBC_TUNABLES", "SAMEBITS_PROFILE", "TMPDIR"],
)
def test_script_sees_the_profile_and_its_scratch_folder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "value")
    assert plan_with().environment()[name] == "value"


@pytest.mark.parametrize(
    "name", ["SAMEBITS_ENVIRONMENT", "SAMEBITS_DATA", "NIX_STORE", "out", "USER", "COLUMNS"]
)
def test_script_sees_nothing_else(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "value")
    assert name not in plan_with().environment()


@pytest.mark.parametrize("name", ["digits", "scikit-learn", "a.b", "Mixed_Case", "ümlaut"])
def test_script_finds_a_source_by_the_name_in_the_model(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in plan_with(sources={name: Path("/file")}).environment().items():
        monkeypatch.setenv(variable, value)
    assert paths.source(name) == Path("/file")


def test_script_finds_an_input_by_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in plan_with(inputs={"prepare": Path("/in")}).environment().items():
        monkeypatch.setenv(variable, value)
    assert (paths.step_input("prepare"), paths.output()) == (Path("/in"), Path("/out"))


@pytest.mark.parametrize("find", [paths.source, paths.step_input])
def test_script_does_not_find_what_its_step_does_not_read(find: object) -> None:
    with pytest.raises(KeyError):
        find("nowhere")  # type: ignore[operator]


def test_two_sources_never_share_a_variable() -> None:
    """Otherwise one of the two files wins, and nobody is told."""
    sources = {"a-b": Path("/first"), "a_b": Path("/second")}
    with pytest.raises((ValueError, KeyError)):
        plan_with(sources=sources).environment()
