"""Reading .drv files: what is fixed, what is read, and in which order; garbage is bad input and nothing worse."""

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from verifier.derivation import closure, parse_derivation
from verifier.errors import BadInput

TRAIN = "/nix/store/00000000000000000000000000000001-digits-1.0.0-train.drv"
PREPARE = "/nix/store/00000000000000000000000000000002-digits-1.0.0-prepare.drv"
TOOLCHAIN = "/nix/store/00000000000000000000000000000003-toolchain-numpy.drv"
WHEEL = "/nix/store/00000000000000000000000000000004-numpy-2.4.6.whl.drv"
SCRIPT = "/nix/store/00000000000000000000000000000005-sysroot.sh"
SHA256 = "52a0703bbc07ad27f560fa63fa68e4c54dd735bfbbf65b4dd3c225dc7547b6df"
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    """Writes a string as printString in Nix's src/libstore/derivations.cc does."""
    return '"' + "".join(ESCAPES.get(c, c) for c in text) + '"'


def drv(
    *,
    outputs: str = '("out","/nix/store/0-x","","")',
    inputs: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> str:
    """Writes a derivation as Nix does; `outputs` is the text between the brackets of the first list."""
    read = ",".join(f'({quoted(path)},["out"])' for path in inputs)
    plain = ",".join(map(quoted, sources))
    pairs = ",".join(f"({quoted(k)},{quoted(v)})" for k, v in (environment or {}).items())
    start = '"x86_64-linux","/nix/store/0-python/bin/python3",["-B","-m"]'
    return f"Derive([{outputs}],[{read}],[{plain}],{start},[{pairs}])"


def fixed(algorithm: str, digest: str = SHA256) -> str:
    return drv(outputs=f'("out","/nix/store/0-wheel","{algorithm}","{digest}")')


REAL = (
    r'Derive([("out","/nix/store/0-digits-1.0.0-train","","")],'
    rf'[("{PREPARE}",["out"]),("{TOOLCHAIN}",["out"])],["{SCRIPT}"],'
    r'"x86_64-linux","/nix/store/0-toolchain-numpy/bin/python3",["-B","-m","builder.runtime.launch"],'
    r'[("SAMEBITS_STEP","{\"code\":\"/nix/store/0-code\",\"schema\":null}"),'
    r'("builder","/nix/store/0-toolchain-numpy/bin/python3"),("text","tab\tline\nback\\slash\r")])'
)


def test_realistic_derivation_is_read_whole() -> None:
    derivation = parse_derivation(TRAIN, REAL)
    assert derivation.output.path == "/nix/store/0-digits-1.0.0-train"
    assert derivation.output.fixed_sha256 is None
    assert derivation.input_derivations == (PREPARE, TOOLCHAIN)
    assert derivation.input_sources == (SCRIPT,)


def test_name_has_neither_hash_nor_ending() -> None:
    assert parse_derivation(TRAIN, REAL).name == "digits-1.0.0-train"


def test_escapes_in_a_path_are_undone() -> None:
    derivation = parse_derivation(TRAIN, drv(sources=('/nix/store/0-a"b\\c\td',)))
    assert derivation.input_sources == ('/nix/store/0-a"b\\c\td',)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_in_the_environment_can_be_read(value: str) -> None:
    text = drv(sources=(SCRIPT,), environment={"key": value})
    assert parse_derivation(TRAIN, text).input_sources == (SCRIPT,)


def test_flat_fixed_output_is_fixed_by_the_file() -> None:
    output = parse_derivation(WHEEL, fixed("sha256")).output
    assert (output.fixed_sha256, output.recursive) == (SHA256, False)


def test_recursive_fixed_output_is_fixed_by_the_nar() -> None:
    output = parse_derivation(WHEEL, fixed("r:sha256")).output
    assert (output.fixed_sha256, output.recursive) == (SHA256, True)


def test_several_outputs_are_refused() -> None:
    outputs = '("dev","/nix/store/0-dev","",""),("out","/nix/store/0-out","","")'
    with pytest.raises(BadInput, match="cannot be read as a derivation with one output"):
        parse_derivation(TRAIN, drv(outputs=outputs))


def test_no_output_is_refused() -> None:
    with pytest.raises(BadInput, match="one output"):
        parse_derivation(TRAIN, drv(outputs=""))


@pytest.mark.parametrize("algorithm", ["sha1", "r:sha1", "md5", "sha512"])
def test_other_hash_than_sha256_is_refused(algorithm: str) -> None:
    with pytest.raises(BadInput, match=f"is fixed by {algorithm}, not by sha256"):
        parse_derivation(WHEEL, fixed(algorithm))


def test_file_that_is_no_derivation_is_refused() -> None:
    with pytest.raises(BadInput, match="is not a derivation"):
        parse_derivation(TRAIN, "#!/bin/sh\n")


def test_derivation_that_was_cut_off_is_refused() -> None:
    for length in range(len(REAL)):
        with pytest.raises(BadInput):
            parse_derivation(TRAIN, REAL[:length])


def read_or_refused(text: str) -> bool:
    """Returns whether parsing ended in one of the two permitted ways."""
    try:
        derivation = parse_derivation(TRAIN, text)
    except BadInput:
        return True
    strings = [derivation.output.path, *derivation.input_derivations, *derivation.input_sources]
    return all(isinstance(string, str) for string in strings)


@given(st.text().map("Derive({}".format) | st.text())
@example("Derive(1)")
@example("Derive({[]})")
@example("Derive(" + "-" * 100_000 + "1)")
@example("Derive(" + "[" * 100_000)
@example("Derive(" + "9" * 5_000 + ")")
def test_garbage_is_bad_input_and_nothing_else(text: str) -> None:
    assert read_or_refused(text)


LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just("sha256"),
    lambda below: st.lists(below, max_size=4) | st.lists(below, max_size=4).map(tuple),
)


@given(st.lists(LITERALS, max_size=7).map(tuple))
@example(([("out", "/x", "", "")], [1], []))
@example(([("out", "/x", "", "")], [], 5))
@example(([("out", 5, "", "")], [], []))
def test_literals_of_another_shape_are_bad_input(value: tuple[object, ...]) -> None:
    assert read_or_refused(f"Derive{value!r}")


def store(derivations: Mapping[str, tuple[str, ...]], sources: tuple[str, ...] = ()) -> dict[str, str]:
    """Returns the texts of derivations with their inputs, and of sources, by path."""
    texts = {path: drv(inputs=inputs) for path, inputs in derivations.items()}
    return texts | dict.fromkeys(sources, fixed("sha256"))


def test_inputs_come_before_what_reads_them() -> None:
    texts = store({TRAIN: (PREPARE, TOOLCHAIN), PREPARE: (TOOLCHAIN,), TOOLCHAIN: ()})
    paths = [
        derivation.path for derivation in closure(TRAIN, lambda path: parse_derivation(path, texts[path]))
    ]
    assert paths == [TOOLCHAIN, PREPARE, TRAIN]


def test_shared_input_comes_once() -> None:
    texts = store({TRAIN: (TOOLCHAIN, PREPARE), PREPARE: (TOOLCHAIN,), TOOLCHAIN: (WHEEL,)}, (WHEEL,))
    paths = [
        derivation.path for derivation in closure(TRAIN, lambda path: parse_derivation(path, texts[path]))
    ]
    assert sorted(paths) == sorted([TRAIN, PREPARE, TOOLCHAIN, WHEEL])


def test_source_is_a_leaf() -> None:
    """What the wheel's own build would read is not even opened: the store does not have it."""
    texts = store({TRAIN: (WHEEL,)})
    texts[WHEEL] = fixed("sha256").replace("],[],[]", '],[("/nix/store/9-curl.drv",["out"])],[]')
    assert "curl" in texts[WHEEL]
    assert [
        derivation.path for derivation in closure(TRAIN, lambda path: parse_derivation(path, texts[path]))
    ] == [WHEEL, TRAIN]
