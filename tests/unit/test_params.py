"""params.yaml: what is in it is typed and known, or the step fails with a sentence."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from builder.runtime.failure import BAD_INPUT, StepFailed
from builder.runtime.params import Params, params, read_params

OWN = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"epochs": {"type": "integer", "minimum": 1}, "rate": {"type": "number"}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("params")


def read(folder: Path, text: str | bytes, schema: object = None) -> Params:
    (folder / "params.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    if schema is None:
        return read_params(folder / "params.yaml")
    (folder / "own.schema.json").write_text(schema if isinstance(schema, str) else json.dumps(schema))
    return read_params(folder / "params.yaml", folder / "own.schema.json")


def refusal(folder: Path, text: str | bytes, schema: object = None) -> str:
    with pytest.raises(StepFailed) as caught:
        read(folder, text, schema)
    assert caught.value.kind == BAD_INPUT
    return caught.value.sentence


def test_seed_and_hyperparameters_are_read(folder: Path) -> None:
    found = read(folder, "seed: 7\nhyperparameters: {epochs: 3, rate: 1}\n", OWN)
    assert (found.seed, found.integer("epochs"), found.number("rate")) == (7, 3, 1.0)


def test_hyperparameters_may_be_left_out(folder: Path) -> None:
    assert read(folder, "seed: 7\n").hyperparameters == {}


def test_running_step_reads_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(folder, "seed: 7\n")
    monkeypatch.setenv("SAMEBITS_PARAMS", str(folder / "params.yaml"))
    assert params() == Params(seed=7, hyperparameters={})


def test_empty_file_is_refused(folder: Path) -> None:
    assert refusal(folder, "") == "params.yaml: it must be of type object, found None"


def test_missing_seed_is_refused(folder: Path) -> None:
    assert refusal(folder, "hyperparameters: {}") == "params.yaml: 'seed' is a required property"


@pytest.mark.parametrize(
    "seed", ["one", "1.5", "true", "null", "[1]", "-1", "4294967296", "1e3", "2024-01-31"]
)
def test_seed_that_is_no_seed_is_refused(seed: str, folder: Path) -> None:
    assert "seed" in refusal(folder, f"seed: {seed}")


@pytest.mark.parametrize("seed", [0, 4294967295])
def test_smallest_and_greatest_seed_are_taken(seed: int, folder: Path) -> None:
    assert read(folder, f"seed: {seed}").seed == seed


def test_unknown_key_names_the_nearest(folder: Path) -> None:
    sentence = refusal(folder, "seed: 1\nhyperparameter: {}")
    assert sentence == "params.yaml: unknown key 'hyperparameter'; did you mean 'hyperparameters'?"


def test_unknown_hyperparameter_names_the_nearest(folder: Path) -> None:
    sentence = refusal(folder, "seed: 1\nhyperparameters: {epoch: 3}", OWN)
    assert sentence == "params.yaml: hyperparameters: unknown key 'epoch'; did you mean 'epochs'?"


def test_hyperparameter_of_a_wrong_type_is_named(folder: Path) -> None:
    assert "epochs must be of type integer" in refusal(folder, "seed: 1\nhyperparameters: {epochs: x}", OWN)


def test_key_given_twice_is_refused(folder: Path) -> None:
    assert "key 'seed' is given twice" in refusal(folder, "seed: 1\nseed: 2\n")


def test_hyperparameter_given_twice_is_refused(folder: Path) -> None:
    assert "'epochs' is given twice" in refusal(folder, "seed: 1\nhyperparameters: {epochs: 1, epochs: 2}")


@pytest.mark.parametrize("text", ["seed: [1", "seed: \x00", b"seed: \xff", "seed: 1\n---\nseed: 2", "!!x y"])
def test_file_that_is_no_yaml_is_refused(text: str | bytes, folder: Path) -> None:
    assert "params.yaml is not YAML" in refusal(folder, text)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "2024-99-99",
            "0x_",
            '!!int ""',
            '!!float "x"',
            "!!bool x",
            "!!timestamp x",
            "9" * 5_000,
            "[" * 5_000,
        ),
        *("1:" * 300 + "1.5", "0x" + "f" * 5_000),
    ],
    ids=[
        "date",
        "hexadecimal",
        "int",
        "float",
        "bool",
        "timestamp",
        "long",
        "deep",
        "base-60",
        "long-hexadecimal",
    ],
)
def test_value_that_the_yaml_library_stumbles_over_is_refused(value: str, folder: Path) -> None:
    assert "params.yaml" in refusal(folder, f"seed: {value}")


@pytest.mark.parametrize("key", ["1", "null", "true", "2024-01-31", "1.5"])
def test_hyperparameter_whose_name_is_no_text_is_refused(key: str, folder: Path) -> None:
    """JSON and the model card know names only as text."""
    refusal(folder, f"seed: 1\nhyperparameters: {{{key}: a, b: c}}")


@pytest.mark.parametrize("tag", ["python/object/apply:os.system", "python/name:os.system", "python/tuple"])
def test_tag_that_would_run_code_is_refused(tag: str, folder: Path) -> None:
    assert "params.yaml is not YAML" in refusal(folder, f"seed: !!{tag} ['true']")


@pytest.mark.parametrize("schema", ["{", "[]", '{"type": 5}', '{"$ref": "#/nowhere"}'])
def test_models_own_schema_that_is_none_is_refused(schema: str, folder: Path) -> None:
    refusal(folder, "seed: 1\nhyperparameters: {epochs: 1}", schema)


@given(st.text() | st.binary() | st.text().map("seed: {}".format))
@example("seed: 2024-99-99")
def test_arbitrary_file_is_read_or_refused(folder: Path, text: str | bytes) -> None:
    try:
        found = read(folder, text if isinstance(text, bytes) else text.encode(errors="replace"))
    except StepFailed as failed:
        assert failed.kind == BAD_INPUT
    else:
        assert 0 <= found.seed < 2**32


def test_what_is_not_declared_is_the_cpu_and_one_thread(folder: Path) -> None:
    found = read(folder, "seed: 1\n")
    assert (found.device, found.threads, found.tensors_every, found.allowed) == ("cpu", 1, 100, {})


def test_what_is_declared_is_read(folder: Path) -> None:
    text = "seed: 1\ndevice: cuda\nthreads: 4\ntrace: {tensors_every: 7}\nallow: {torch.sqrt: measured}\n"
    found = read(folder, text)
    assert (found.device, found.threads, found.tensors_every) == ("cuda", 4, 7)
    assert found.allowed == {"torch.sqrt": "measured"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("device: gpu", "'gpu' is not one of"),
        ("threads: 0", "0 is less than the minimum"),
        ("threads: two", "threads must be of type integer"),
        ("trace: {every: 3}", "unknown key 'every'"),
        ("allow: [torch.sqrt]", "allow must be of type object"),
        ("allow: {torch.sqrt: ''}", "'' should be non-empty"),
        ("allow: {torch.sin: why}", "params.yaml allows 'torch.sin', which nothing refuses"),
    ],
)
def test_declaration_of_a_wrong_form_is_refused(line: str, sentence: str, folder: Path) -> None:
    assert sentence in refusal(folder, f"seed: 1\n{line}\n")
