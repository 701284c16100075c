"""YAML that could be read in two ways, or that is a bomb, is refused with its line."""

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.contracts import GOOD, read, refusal
from verifier.contract.reading import read_contract
from verifier.contract.strict_yaml import MOST_BYTES
from verifier.errors import BadInput

BOMB = "a: &a [x, x]\n" + "".join(
    f"{c}: &{c} [*{b}, *{b}, *{b}]\n" for b, c in zip("abcde", "bcdef", strict=True)
)
FAULTS = {
    "anchor": ("metrics: &all []", "line 1: anchors and aliases are not taken; write the value out"),
    "alias": ("metrics:\n  - *all", "line 2: anchors and aliases are not taken; write the value out"),
    "bomb": (BOMB, "line 1: anchors and aliases are not taken; write the value out"),
    "merge": ("metrics: []\n<<: {}\n", "line 2: merge keys are not taken; write the keys out"),
    "tag": ("metrics: !!python/object:os.system []", "line 1: tags are not taken; write the plain value"),
    "own tag": ("metrics: !x []", "line 1: tags are not taken; write the plain value"),
    "twice": ("metrics: []\nmetrics: []\n", "line 2: the key 'metrics' is given twice"),
    "number as key": ("1: 2", "line 1: a key is no text; put it in quotes"),
    "list as key": ("? [a]\n: 2", "line 1: a key is no text; put it in quotes"),
    "date": ("metrics: 2026-11-25", "line 1: 2026-11-25 is not taken for text; put it in quotes"),
    "equals": ("metrics: =", "line 1: = is not taken for text; put it in quotes"),
    "merge as value": ("metrics: <<", "line 1: merge keys are not taken; write the keys out"),
    "nan": ("metrics:\n- .nan", "line 2: .nan is not finite, and nothing compares with it"),
    "infinite": ("metrics: -.INF", "line 1: -.INF is not finite, and nothing compares with it"),
    "too large": ("metrics: 1.0e+999", "line 1: 1.0e+999 is not finite, and nothing compares with it"),
    "octal": ("metrics: 010", "line 1: 010 is no number in plain decimals"),
    "hexadecimal": ("metrics: 0x10", "line 1: 0x10 is no number in plain decimals"),
    "base sixty": ("metrics: 1:30", "line 1: 1:30 is no number in plain decimals"),
    "base sixty, broken": ("metrics: 1:30.5", "line 1: 1:30.5 is no number in plain decimals"),
    "underscore": ("metrics: 1_000", "line 1: 1_000 is no number in plain decimals"),
    "two documents": (
        "metrics: []\n---\nmetrics: []\n",
        "line 2: a second document begins; one file holds one",
    ),
    "not UTF-8": (b"metrics:\n  \xff", "line 2: it is not UTF-8"),
    "control character": ("metrics:\n  \0", "line 2: it holds a character that YAML forbids"),
    "half a character": ('metrics:\n- "\\ud800"', "line 2: half a character is no text; write the whole one"),
    "half a character as key": (
        '"\\ud83d\\ude00": 1',
        "line 1: half a character is no text; write the whole one",
    ),
    "no character": ('metrics:\n- "\\U00110000"', "line 2: an escape stands for no character"),
    "no number of a character": ('metrics: "\\U99999999"', "line 1: an escape stands for no character"),
    "tab": ("metrics:\n\t- a", "line 2: this is not YAML: while scanning for the next token, "),
    "open bracket": ("metrics: [", "line 1: this is not YAML: "),
    "nested deeply": ("[" * 100_000, "it is nested too deeply"),
    "empty": ("", "line 1: it is empty; it must be an object with the key 'metrics'"),
    "a list": ("- a", "line 1: it is ['a']; it must be an object with the key 'metrics'"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    text, sentence = FAULTS[name]
    assert refusal(tmp_path, text).startswith(sentence)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"contract\.yaml does not exist"):
        read_contract(tmp_path / "contract.yaml")


def test_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(GOOD)
    (tmp_path / "contract.yaml").symlink_to("elsewhere")
    with pytest.raises(BadInput, match=r"contract\.yaml is not a plain file"):
        read_contract(tmp_path / "contract.yaml")


@pytest.mark.parametrize("place", ["/dev/zero", "/"])
def test_device_or_folder_is_refused(place: str) -> None:
    with pytest.raises(BadInput, match="is not a plain file"):
        read_contract(Path(place))


def test_large_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "contract.yaml").open("wb") as file:
        file.truncate(200 << 20)
    begun = time.monotonic()
    with pytest.raises(BadInput, match=f"has 209,715,200 bytes; at most {MOST_BYTES:,} are read"):
        read_contract(tmp_path / "contract.yaml")
    assert time.monotonic() - begun < 1


WORDS = [
    *(
        "metrics",
        "name",
        "slice",
        "direction",
        "tolerance",
        "absolute",
        "relative",
        "exact",
        "minimum",
        "reason",
    ),
    *(
        "resources",
        "train",
        "warn",
        "fail",
        "equality",
        "predictions",
        "agreement",
        "accuracy",
        "classes/*",
        "*",
    ),
    *(
        ":",
        " ",
        "\n",
        "  ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&a",
        "*a",
        "<<",
        "!!set",
        "? ",
        "'",
        '"',
        "|",
        ">",
        "#",
    ),
    *(
        "1",
        "-1",
        "0.5",
        ".nan",
        ".inf",
        "1e9",
        "010",
        "1:30",
        "true",
        "~",
        "2026-11-25",
        "\t",
        "\0",
        "é",
        "---",
        "%",
    ),
]
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.sampled_from(WORDS)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
)


def is_taken_or_refused(folder: Path, content: str | bytes) -> None:
    try:
        read(folder, content)
    except BadInput as error:
        assert error.sentence.startswith(str(folder))


@given(words=st.lists(st.sampled_from(WORDS), max_size=40))
def test_hostile_text_is_bad_input_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    is_taken_or_refused(tmp_path_factory.getbasetemp(), "".join(words))


@given(content=st.binary(max_size=200))
def test_hostile_bytes_are_bad_input_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    is_taken_or_refused(tmp_path_factory.getbasetemp(), content)


@given(value=TREES)
def test_hostile_values_are_bad_input_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    is_taken_or_refused(tmp_path_factory.getbasetemp(), yaml.safe_dump(value, allow_unicode=True))


@given(value=TREES, place=st.sampled_from(["metrics", "resources", "equality"]), entry=st.booleans())
def test_hostile_part_of_a_contract_is_bad_input_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, value: object, place: str, entry: bool
) -> None:
    good = yaml.safe_load(GOOD)
    if entry:
        good["metrics"][0][place] = value
    else:
        good[place] = value
    is_taken_or_refused(tmp_path_factory.getbasetemp(), yaml.safe_dump(good))
