"""Holding data against a schema: one sentence that names the place and the nearest known key."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.runtime.validate import SCHEMAS, Invalid, load_schema, validate

SCHEMA = {
    "type": "object",
    "required": ["seed"],
    "additionalProperties": False,
    "properties": {
        "seed": {"type": "integer", "minimum": 0},
        "layers": {
            "type": "array",
            "items": {"type": "object", "properties": {"units": {"type": "integer"}}},
        },
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
)


def sentence(value: object, schema: dict[str, object] | None = None) -> str:
    with pytest.raises(Invalid) as caught:
        validate(value, schema or SCHEMA, "params.yaml")
    return str(caught.value)


def test_data_that_matches_passes() -> None:
    validate({"seed": 1, "layers": [{"units": 3}]}, SCHEMA, "params.yaml")


def test_sentence_starts_with_what_was_read() -> None:
    assert sentence({}).startswith("params.yaml: ")


def test_missing_key_is_named() -> None:
    assert sentence({}) == "params.yaml: 'seed' is a required property"


def test_unknown_key_names_the_nearest_known() -> None:
    assert sentence({"seed": 1, "layer": []}) == "params.yaml: unknown key 'layer'; did you mean 'layers'?"


def test_unknown_key_that_is_near_to_none_names_all() -> None:
    assert sentence({"seed": 1, "x": 2}) == "params.yaml: unknown key 'x'; known keys are layers, seed"


def test_wrong_type_names_the_place() -> None:
    assert sentence({"seed": "one"}) == "params.yaml: seed must be of type integer, found 'one'"


def test_wrong_type_below_names_the_way() -> None:
    found = sentence({"seed": 1, "layers": [{"units": 1}, {"units": "x"}]})
    assert found == "params.yaml: layers.1.units must be of type integer, found 'x'"


def test_wrong_type_of_the_whole_is_said() -> None:
    assert sentence(None) == "params.yaml: it must be of type object, found None"


def test_number_out_of_range_names_the_place() -> None:
    assert sentence({"seed": -1}) == "params.yaml: seed: -1 is less than the minimum of 0"


def test_true_is_no_integer() -> None:
    assert "seed must be of type integer" in sentence({"seed": True})


def test_unknown_key_is_the_one_that_no_pattern_admits() -> None:
    schema = {"patternProperties": {"^x_": {}}, "additionalProperties": False}
    assert "unknown key 'zzz'" in sentence({"x_a": 1, "zzz": 2}, schema)


def test_schema_that_is_endless_is_invalid() -> None:
    assert "refers to itself" in sentence({"seed": 1}, {"$ref": "#"})


def test_key_that_is_no_text_is_invalid() -> None:
    """YAML has such keys, JSON has not; ours are refused on reading."""
    schema = {"patternProperties": {"^x_": {}}, "additionalProperties": False}
    assert "expected string" in sentence({1: 2}, schema)


@given(JSON)
def test_any_data_passes_or_is_invalid(value: object) -> None:
    try:
        validate(value, SCHEMA, "params.yaml")
    except Invalid as error:
        assert str(error).startswith("params.yaml: ")
    else:
        assert isinstance(value, dict)
        assert "seed" in value


def test_every_schema_of_the_runtime_can_be_loaded() -> None:
    paths = [*SCHEMAS.glob("*.json"), *(SCHEMAS.parent / "packaging" / "schemas").glob("*.json")]
    assert len(paths) == 8
    assert all(load_schema(path)["$schema"] for path in paths)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "true", "null", '{"type": "nonsense"}', '{"required": 5}', '{"pattern": "("}']
)
def test_file_that_is_no_schema_is_invalid(text: str, tmp_path: Path) -> None:
    (tmp_path / "own.schema.json").write_text(text)
    with pytest.raises(Invalid, match=r"the schema own\.schema\.json is not"):
        load_schema(tmp_path / "own.schema.json")


def test_file_that_is_no_text_is_invalid(tmp_path: Path) -> None:
    (tmp_path / "own.schema.json").write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid, match="is not JSON"):
        load_schema(tmp_path / "own.schema.json")


@pytest.mark.parametrize("reference", ["#/$defs/nowhere", "other.schema.json", "http://example.com/x.json"])
def test_schema_that_refers_to_nothing_is_invalid(reference: str, tmp_path: Path) -> None:
    """Whoever wrote it must read a sentence, not a traceback; and nothing is looked for in the network."""
    path = tmp_path / "own.schema.json"
    path.write_text(json.dumps({"properties": {"epochs": {"$ref": reference}}}))
    with pytest.raises(Invalid):
        validate({"epochs": 3}, load_schema(path), "params.yaml")
