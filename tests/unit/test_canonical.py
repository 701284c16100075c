"""One way to write JSON: equal values give equal bytes, and Nix takes the same digest."""

import hashlib
import json
import shutil
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builder.runtime.canonical import canonical, digest, parse, readable

needs_nix = pytest.mark.skipif(shutil.which("nix-instantiate") is None, reason="needs nix-instantiate")
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXT, below, max_size=3),
)
LOCKLIKE = st.dictionaries(TEXT, TEXT | st.integers(0, 2**53) | st.lists(TEXT, max_size=2), max_size=4)


def test_form_has_sorted_keys_and_no_spaces() -> None:
    assert canonical({"b": [1, 2], "a": {"d": None, "c": True}}) == b'{"a":{"c":true,"d":null},"b":[1,2]}'


def test_digest_is_the_sha256_of_the_form() -> None:
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


def test_order_of_keys_changes_nothing() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_order_of_a_list_changes_the_digest() -> None:
    assert digest([1, 2]) != digest([2, 1])


def test_number_and_its_text_have_different_digests() -> None:
    assert digest(1) != digest("1")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("write", [canonical, readable, digest])
def test_number_that_is_not_finite_is_refused(write: object, number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write({"a": [number]})  # type: ignore[operator]


@given(JSON)
def test_both_forms_say_the_same(value: object) -> None:
    assert json.loads(canonical(value)) == json.loads(readable(value)) == value


@given(JSON)
def test_what_was_read_back_is_written_the_same(value: object) -> None:
    assert readable(json.loads(readable(value))) == readable(value)
    assert canonical(json.loads(canonical(value))) == canonical(value)


def test_readable_form_ends_with_one_new_line() -> None:
    assert readable({"b": 1, "a": "ü"}) == '{\n  "a": "ü",\n  "b": 1\n}\n'


@given(JSON)
def test_what_was_written_is_parsed_the_same(value: object) -> None:
    assert parse(readable(value)) == value


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_word_that_json_has_not_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match=f"{number} is no number in JSON"):
        parse(f'{{"a": [{number}]}}')


@pytest.mark.parametrize("text", ["1e999", "-1e999", "9" * 5_000, "[" * 100_000, "", "{", '"\\ud800"'])
def test_what_cannot_be_written_again_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


def nix_digest(value: object) -> str:
    """Does as builder/lock.nix does: reads the file, writes it with builtins.toJSON, hashes that."""
    expression = '{ text }: builtins.hashString "sha256" (builtins.toJSON (builtins.fromJSON text))'
    argv = ["nix-instantiate", "--eval", "--expr", expression, "--argstr", "text", readable(value)]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip().strip('"')


@needs_nix
@settings(max_examples=25)
@given(LOCKLIKE)
@example({"licence": "Lizenz für alle", "\U0001f600": "\uffff", "z\uffff": "order"})
@example({"marks": '"\\/', "spaces": "\u2028\u00a0"})
def test_nix_takes_the_same_digest(value: dict[str, object]) -> None:
    assert nix_digest(value) == digest(value)


@needs_nix
@pytest.mark.parametrize("character", ["\n", "\t", "\r", "\x01", "\x1f", "\x7f"])
def test_nix_takes_the_same_digest_of_a_control_character(character: str) -> None:
    assert nix_digest({"licence": character}) == digest({"licence": character})
