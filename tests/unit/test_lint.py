"""Each fault that lint finds: file, line and sentence, by breaking a file that was right."""

import json
from pathlib import Path

import pytest

from tests.unit.linted import SCHEMA, add_model, findings, found_in, lock, write_json
from verifier.canonical import digest_of
from verifier.contract.reading import read_contract
from verifier.errors import BadInput

POLICY = """schema: samebits/policy/v1
parties: {}
tiers: {}
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return add_model(tmp_path, "small")


def test_right_files_have_no_finding(model: Path) -> None:
    for file in ("contract.yaml", "params.yaml", "data.lock.json", "hyperparameters.schema.json"):
        assert findings(model / file) == []


CONTRACTS = {
    "metrics: []\n": (1, "'metrics' is []; it must be "),
    "metrics:\n  - { name: a, tolerance: exact }\n  - { name: a, tolerance: exact }\n": (
        3,
        "a is declared twice",
    ),
    "metrics:\n  - name: a\n    tolerence: exact\n": (
        3,
        "unknown key 'tolerence' in a; did you mean 'tolerance'?",
    ),
    "metrics: &a []\n": (1, "anchors and aliases are not taken"),
    "metrics:\n  - [\n": (3, "this is not YAML: "),
    "a: 1\n\na: 2\n": (3, "the key 'a' is given twice"),
    "metrics: [{ name: a, tolerance: { absolute: 1 }, direction: higher }]\n": (
        1,
        "a tolerates a difference",
    ),
    "": (1, "it is empty; it must be "),
    "a: \x07\n": (1, "it holds a character that YAML forbids"),
}


@pytest.mark.parametrize("text", CONTRACTS)
def test_fault_of_a_contract_is_said_as_reading_it_says_it(model: Path, text: str) -> None:
    path = model / "contract.yaml"
    path.write_text(text)
    ((name, line, sentence),) = findings(path)
    assert (name, line) == ("contract.yaml", CONTRACTS[text][0])
    assert sentence.startswith(CONTRACTS[text][1])
    with pytest.raises(BadInput) as caught:
        read_contract(path)
    assert caught.value.sentence.endswith(sentence)


PARAMS = {
    "seed: 1\nhyperparameters: { steps: 1, steps: 2 }\n": (2, "the key 'steps' is given twice"),
    "seed: 1\nhyperparameters:\n  steps: 1\n  rate: 1\n": (4, "unknown key 'rate' in 'hyperparameters'"),
    "hyperparameters: { steps: 1 }\n": (1, "the key 'seed' is missing"),
    "seed: 1\n\nsede: 2\n": (3, "unknown key 'sede'; did you mean 'seed'?"),
    "seed: one\n": (1, 'seed must be of type integer, found "one"'),
    "seed: 1.0\n": (1, "seed must be of type integer, found 1.0"),
    "seed: -1\n": (1, "seed: -1 is less than the minimum of 0"),
    "seed: 1\nhyperparameters:\n  steps: 2026-11-25\n": (
        3,
        "this is read as a date, which JSON has no word for",
    ),
    "seed: 1\nhyperparameters:\n  steps: .inf\n": (1, "it holds inf, which JSON has no word for"),
    "seed: 1\n1: 2\n": (2, "a key is no text; put it in quotes"),
    "{ seed: 1, device: cuda }\n": (1, "'device' is cuda, and Nix reads cpu: write it on a line of its own"),
    "seed: 1\nthreads: 0x2\n": (2, "'threads' is 2, and Nix reads 0x2"),
    "seed: 1\nhyperparameters: [\n": (3, "this is not YAML: "),
    "seed: 1\nhyperparameters: 2026-13-01\n": (1, "a value cannot be read: "),
    "- 1\n": (1, "it holds no parameters"),
    "": (1, "it holds no parameters"),
    "seed: &a [*a]\n": (1, "it holds more than 100,000 values"),
}


@pytest.mark.parametrize("text", PARAMS)
def test_fault_of_parameters_is_found(model: Path, text: str) -> None:
    path = model / "params.yaml"
    path.write_text(text)
    ((name, line, sentence),) = findings(path)
    assert (name, line) == ("params.yaml", PARAMS[text][0]), sentence
    assert sentence.startswith(PARAMS[text][1])


def test_exponent_without_a_point_is_text_and_fails_the_models_own_schema(model: Path) -> None:
    path = model / "params.yaml"
    path.write_text("seed: 1\nhyperparameters:\n  steps: 3\n  learning_rate: 1e-3\n")
    ((_, line, sentence),) = findings(path)
    assert (line, sentence) == (4, 'learning_rate must be of type number, found "1e-3"')


def test_deep_nesting_is_a_finding_and_no_crash(model: Path) -> None:
    for file in ("contract.yaml", "params.yaml"):
        (model / file).write_text("[" * 100_000)
        assert len(findings(model / file)) == 1
    (model / "data.lock.json").write_text("[" * 100_000)
    assert findings(model / "data.lock.json")[0][2] == "this is not JSON: it is nested too deeply"


SCHEMAS = {
    "{": "it is no JSON Schema: ",
    "[]": "it is no object",
    '{"type": "numbr"}': "it is no JSON Schema: type: 'numbr' is not valid",
    '{"$ref": "#/$defs/none"}': "the schema names '/$defs/none', which is not in it",
    '{"$ref": "#"}': "the schema refers to itself",
    '{"$ref": "http://127.0.0.1:9/other.json"}': "the schema names 'http://127.0.0.1:9/other.json'",
}


@pytest.mark.parametrize("text", SCHEMAS)
def test_fault_of_a_models_own_schema_is_found_in_it(model: Path, text: str) -> None:
    (model / "hyperparameters.schema.json").write_text(text)
    ((name, line, sentence),) = findings(model / "params.yaml")
    assert (name, line) == ("hyperparameters.schema.json", 1)
    assert sentence.startswith(SCHEMAS[text])


def test_own_schema_with_a_reference_within_is_followed(model: Path) -> None:
    rate = {"$ref": "#/$defs/rate"}
    own = {**SCHEMA, "properties": {"steps": rate, "learning_rate": rate}, "$defs": {"rate": {"minimum": 1}}}
    write_json(model / "hyperparameters.schema.json", own)
    ((name, line, sentence),) = findings(model / "params.yaml")
    assert (name, line) == ("params.yaml", 3)
    assert sentence.endswith("0.1 is less than the minimum of 1")


def relocked(value: dict[str, object], **changed: object) -> dict[str, object]:
    body = {**{key: part for key, part in value.items() if key != "digest"}, **changed}
    return {**body, "digest": digest_of(body)}


def test_lock_edited_by_hand_is_found(model: Path) -> None:
    path = model / "data.lock.json"
    write_json(path, {**lock("small"), "name": "other"})
    ((_, line, sentence),) = findings(path)
    assert line == 2
    assert sentence == "it was edited by hand: its digest does not fit; builder lock --upgrade small"


def test_lock_that_does_not_match_its_schema_is_found_at_its_line(model: Path) -> None:
    path = model / "data.lock.json"
    value = lock("small")
    value["sources"][0]["sha256"] = "short"
    write_json(path, value)
    ((_, line, sentence),) = findings(path)
    assert '"sha256": "short"' in path.read_text().splitlines()[line - 1]
    assert sentence.startswith("sources.0.sha256: 'short' does not match")


def test_lock_of_another_model_is_found(model: Path) -> None:
    path = model / "data.lock.json"
    write_json(path, lock("other"))
    ((_, _, sentence),) = findings(path)
    assert sentence == "it is the lock of 'other', and lies where that of 'small' does"


def test_request_changed_since_it_was_locked_is_found(model: Path) -> None:
    (model / "data.yaml").write_text('kind: data\npython: "3.11"\nwheels: [words, more]\n')
    ((name, _, sentence),) = findings(model / "data.lock.json")
    assert name == "data.lock.json"
    assert sentence == "data.yaml was changed since it was resolved; builder lock small"


def test_lock_whose_request_is_gone_or_no_yaml_is_right(model: Path) -> None:
    (model / "data.yaml").write_text("[")
    assert findings(model / "data.lock.json") == []
    (model / "data.yaml").unlink()
    assert findings(model / "data.lock.json") == []


def test_lock_of_a_toolchain_is_called_as_its_file(tmp_path: Path) -> None:
    write_json(tmp_path / "mine.lock.json", lock("mine"))
    assert findings(tmp_path / "mine.lock.json") == []


def test_half_written_lock_and_key_given_twice_are_found(model: Path) -> None:
    path = model / "data.lock.json"
    whole = json.dumps(lock("small"), indent=2)
    path.write_text(whole[: len(whole) // 2])
    assert findings(path)[0][2].startswith("this is not JSON: ")
    path.write_text('{"name": "a", "name": "b"}')
    assert findings(path)[0][2] == "this is not JSON: the key 'name' is given twice"


def test_policy_is_refused_as_its_reader_refuses_it(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    ((_, line, sentence),) = findings(path)
    assert line == 2 and sentence.startswith("'parties' is {}; it must be ")


def test_file_that_is_no_plain_file_is_found(model: Path) -> None:
    path = model / "params.yaml"
    path.unlink()
    path.symlink_to("contract.yaml")
    assert findings(path) == [("params.yaml", 1, "is not a plain file")]
    (model / "contract.yaml").write_text("#" * (1 << 21))
    assert "at most 1,048,576 are read" in findings(model / "contract.yaml")[0][2]


def test_every_finding_says_what_to_do(model: Path) -> None:
    (model / "params.yaml").write_text("seed: one\n")
    assert found_in(model / "params.yaml")[0].advice == "The format is in docs/reference/model.md."
