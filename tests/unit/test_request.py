"""The lines a person writes: read strictly, and the nearest name is offered."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from builder.cli import main
from builder.errors import BadInput
from builder.request import Request, find_requests, read_request

TOOLCHAIN = "kind: toolchain\npython: '3.11'\ndebs: [libgomp1]\nwheels: ['numpy>=2', pyyaml]\n"


def write(root: Path, path: str, text: str | bytes = TOOLCHAIN) -> Path:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def refusal(root: Path, text: str | bytes) -> str:
    write(root, "locks/own.yaml", text)
    with pytest.raises(BadInput) as caught:
        read_request("own", root)
    return caught.value.sentence


def test_request_is_read_whole(tmp_path: Path) -> None:
    text = TOOLCHAIN + "licences: {numpy: BSD-3-Clause}\n"
    request = read_request("own", write(tmp_path, "locks/own.yaml", text))
    assert (request.name, request.kind, request.python) == ("own", "toolchain", "3.11")
    assert (request.debs, request.wheels) == (("libgomp1",), ("numpy>=2", "pyyaml"))
    assert request.licences == {"numpy": "BSD-3-Clause"}


def test_request_keeps_what_was_written(tmp_path: Path) -> None:
    request = read_request("own", write(tmp_path, "locks/own.yaml", "kind: toolchain\npython: '3.11'\n"))
    assert request.written == {"kind": "toolchain", "python": "3.11"}


def test_lock_lies_beside_the_request(tmp_path: Path) -> None:
    write(write(tmp_path, "locks/torch-2.4.yaml"), "models/digits/data.yaml", "kind: data\npython: '3.11'\n")
    places = {"torch-2.4": "locks/torch-2.4.lock.json", "digits": "models/digits/data.lock.json"}
    for name, place in places.items():
        assert read_request(name, tmp_path).lock_path == tmp_path / place


def test_requests_are_found_where_they_may_be(tmp_path: Path) -> None:
    for path in ("builder/locks/a.yaml", "locks/b.yaml", "models/c/data.yaml", "d.yaml", "models/e.yaml"):
        write(tmp_path, path)
    assert list(find_requests(tmp_path)) == ["a", "b", "c"]


def test_two_requests_of_one_name_are_refused(tmp_path: Path) -> None:
    write(write(tmp_path, "locks/digits.yaml"), "models/digits/data.yaml")
    with pytest.raises(BadInput, match="are both called 'digits'"):
        find_requests(tmp_path)


def test_unknown_name_offers_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing called 'numpi'") as caught:
        read_request("numpi", write(tmp_path, "locks/numpy.yaml"))
    assert caught.value.advice.startswith("Did you mean 'numpy'?")


def test_name_that_is_near_to_none_lists_all(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read_request("xyz", write(tmp_path, "locks/numpy.yaml"))
    assert caught.value.advice.startswith("Known: numpy.")


def test_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    assert "unknown key 'wheel'; did you mean 'wheels'?" in refusal(tmp_path, TOOLCHAIN + "wheel: []\n")


def test_key_given_twice_is_refused(tmp_path: Path) -> None:
    assert "key 'kind' is given twice" in refusal(tmp_path, TOOLCHAIN + "kind: data\n")


def test_python_that_is_a_number_is_refused(tmp_path: Path) -> None:
    sentence = refusal(tmp_path, "kind: toolchain\npython: 3.11\n")
    assert "python must be of type string, found 3.11" in sentence


@pytest.mark.parametrize(
    "line",
    [
        "kind: model",
        "python: '2.7'",
        "python: '3.11.2'",
        "debs: [UPPER]",
        "debs: ['-o']",
        "debs: ['libc6=1']",
        "debs: ['a b']",
        "debs: libc6",
        "debs: [libc6, libc6]",
        "wheels: ['']",
        "wheels: [1]",
        "licences: {a: ''}",
        "licences: [a]",
    ],
)
def test_line_of_a_wrong_form_is_refused(line: str, tmp_path: Path) -> None:
    key = line.split(":")[0]
    lines = [*(given for given in TOOLCHAIN.splitlines() if not given.startswith(key)), line]
    assert key in refusal(tmp_path, "\n".join(lines))


@pytest.mark.parametrize(
    "wheel", ["numpy>>2", "-r other.txt", "--index-url=x", "numpy==", "a b", "./local.whl"]
)
def test_wheel_that_is_no_requirement_is_refused(wheel: str, tmp_path: Path) -> None:
    refusal(tmp_path, f"kind: data\npython: '3.11'\nwheels: ['{wheel}']\n")


@pytest.mark.parametrize("text", ["", "[]", "kind: [", b"\xff", "kind: data\n---\nkind: data\n"])
def test_file_that_is_no_request_is_refused(text: str | bytes, tmp_path: Path) -> None:
    assert "own.yaml" in refusal(tmp_path, text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("requests")


@given(st.text() | st.binary() | st.text().map((TOOLCHAIN + "licences: {{a: {}}}").format))
@example("kind: 2024-99-99")
def test_arbitrary_file_is_read_or_refused(folder: Path, text: str | bytes) -> None:
    write(folder, "locks/own.yaml", text if isinstance(text, bytes) else text.encode(errors="replace"))
    try:
        assert isinstance(read_request("own", folder), Request)
    except BadInput as error:
        assert "own.yaml" in error.sentence


def test_data_request_that_names_nothing_gives_no_lock(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "models/digits/data.yaml", "kind: data\npython: '3.11'\n")
    assert main(["lock", "--root", str(tmp_path)]) == 2
    assert "builder: " in capsys.readouterr().err
    assert not (tmp_path / "models/digits/data.lock.json").exists()


@pytest.mark.parametrize("character", ["\b", "\f", "\x00", "\x7f", "\n"])
def test_control_character_is_refused(character: str, tmp_path: Path) -> None:
    """Versions of Nix write them in different ways, so that a lock's digest would not fit everywhere."""
    (tmp_path / "locks").mkdir()
    written = {"kind": "data", "python": "3.11", "wheels": ["x"], "licences": {"x": f"MIT{character}"}}
    (tmp_path / "locks" / "odd.yaml").write_text(json.dumps(written))
    with pytest.raises(BadInput, match="does not match"):
        read_request("odd", tmp_path)


def test_indexes_and_what_may_be_absent_are_read(tmp_path: Path) -> None:
    lines = "indexes: {torch: pytorch-cpu}\nabsent: {libmpi.so.40: of the cluster}\n"
    request = read_request("own", write(tmp_path, "locks/own.yaml", TOOLCHAIN + lines))
    assert request.indexes == {"torch": "pytorch-cpu"}
    assert request.written["absent"] == {"libmpi.so.40": "of the cluster"}
