"""The corpus of planted faults: it is complete, and the runner reads what the verifier says about it."""

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.faults import corpus as faults
from tests.faults.corpus import Explanation, Fault, make_flake, read
from tests.faults.outcome import Outcome, Said, read_document
from tests.faults.table import as_expected, line, score, table

CORPUS = faults.corpus()
FEWEST = 24
KINDS = {
    "unseeded RNG",
    "system randomness",
    "clock in an artefact",
    "elapsed time steering training",
    "id() or object-address ordering",
    "set and hash order",
    "directory order",
    "unstable sort on ties",
    "core-count-dependent chunking",
    "threads racing on a sum",
    "uninitialised memory",
    "CPU-dependent kernels",
    "locale-dependent parsing or formatting",
    "time zone in features",
    "process id or temporary name in output",
    "several safetensors metadata keys",
    "torch.save names",
    "zip and gzip timestamps",
    "build path in a pickle",
    "environment leaking into output",
    "umask modes",
    "unordered imap_unordered",
    "float accumulation by completion order",
    "data loader workers without seeds",
    "a cache from outside the sandbox",
    "a floating dependency",
}
CONTROL = "clean control"
each = pytest.mark.parametrize("fault", CORPUS, ids=lambda fault: fault.name)


def test_every_kind_of_nondeterminism_is_planted() -> None:
    assert {fault.kind for fault in CORPUS} == KINDS | {CONTROL}
    assert len([fault for fault in CORPUS if not fault.control]) >= FEWEST


def test_each_toolchain_has_a_clean_control() -> None:
    assert {fault.toolchain for fault in CORPUS if fault.control} == {fault.toolchain for fault in CORPUS}


def test_every_folder_is_in_the_corpus() -> None:
    folders = {path.name for path in faults.HERE.iterdir() if path.is_dir()} - {"defaults", "__pycache__"}
    assert folders == {fault.name for fault in CORPUS}


@each
def test_folder_holds_the_script_of_its_step(fault: Fault) -> None:
    assert (fault.folder / f"{fault.step}.py").is_file()
    assert fault.what.endswith(".")
    assert fault.control == (fault.kind == CONTROL)


@each
def test_model_has_every_file_that_it_names(fault: Fault) -> None:
    files = fault.files()
    assert set(re.findall(r'"([^"]+\.\w+)"', files["model.nix"])) - {"1.0.0"} <= files.keys()
    for name, text in files.items():
        if name.endswith(".py"):
            ast.parse(text)


@each
def test_what_explains_a_training_to_the_step_lies_in_training(fault: Fault) -> None:
    asked = fault.explained_as
    assert asked is None or not asked.first_step or fault.step == "train"


@each
def test_page_about_the_corpus_names_the_fault(fault: Fault) -> None:
    assert f"`{fault.name}`" in (REPOSITORY / "docs" / "concepts" / "faults.md").read_text()


def test_variations_are_those_of_the_rules() -> None:
    rules = (REPOSITORY / "builder" / "variations.nix").read_text()
    names = set(re.findall(r"^    ([a-zA-Z0-9-]+) = ?(?:\{|on|with|inEnv|$)", rules, flags=re.MULTILINE))
    assert set(faults.VARIATIONS) <= names


def test_flake_holds_our_rules_and_the_models(tmp_path: Path) -> None:
    make_flake(tmp_path / "flake", CORPUS[:2])
    assert (tmp_path / "flake" / "builder" / "model.nix").is_file()
    assert {path.name for path in (tmp_path / "flake" / "models").iterdir()} == {f.name for f in CORPUS[:2]}


def plant(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(faults, "HERE", folder)
    (folder / "mine").mkdir()
    (folder / "mine" / "fault.yaml").write_text(text)


GOOD = "kind: k\nwhat: w\nstep: train\ncaught_by: [rebuild]\nexplained_as: {file: f, words: [w]}\n"


@pytest.mark.parametrize(
    "wrong",
    [
        GOOD.replace("rebuild", "luck"),
        GOOD.replace("step: train", "step: package"),
        GOOD + "toolchain: jax\n",
        GOOD + "control: true\n",
        GOOD + "colour: red\n",
        GOOD.replace("words: [w]", "words: w"),
        GOOD.replace("explained_as: {file: f, words: [w]}\n", ""),
    ],
)
def test_description_that_is_wrong_is_refused(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, monkeypatch, wrong)
    with pytest.raises(ValueError, match=r"mine|words"):
        read("mine")


def test_description_that_is_right_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, monkeypatch, GOOD)
    assert read("mine").explained_as == Explanation(file="f", words=("w",))


def a_fault(**other: object) -> Fault:
    given: dict[str, object] = {
        "name": "mine",
        "kind": "k",
        "what": "w",
        "step": "train",
        "caught_by": ("hash-seed",),
        "explained_as": Explanation(file="model.safetensors", words=("hash order",), first_step=True),
        "toolchain": "numpy",
        "control": False,
    }
    return Fault(**{**given, **other})  # type: ignore[arg-type]


def a_row(check: str, subject: str, status: str, **other: object) -> dict[str, object]:
    return {"check": check, "subject": subject, "status": status, "differences": [], **other}


def a_document(*rows: dict[str, object], explained: object = ()) -> dict[str, object]:
    return {"errors": [], "verdicts": [{"rows": list(rows), "explained": list(explained)}]}  # type: ignore[call-overload]


def test_variation_that_fails_has_caught_the_fault() -> None:
    document = a_document(
        a_row("rebuild", "train", "passed"),
        a_row("variation", "hash-seed", "failed", differences=["model.safetensors: differs from byte 8"]),
        a_row("variation", "locale", "passed"),
        a_row("variation", "cpu-max", "not checked", detail="the emulator crashed"),
        a_row("variation", "load", "not checked", detail="not tried after the first difference"),
    )
    said = read_document(document, "train")
    assert said.caught_by == ("hash-seed",)
    assert said.not_checked == ("variation cpu-max",)
    outcome = Outcome(fault=a_fault(), said=said, seconds=1)
    assert outcome.caught
    assert outcome.explained
    assert not outcome.named
    assert line(outcome)[2] == "model.safetensors, no 'hash order', to no step"


def test_explanation_with_file_words_and_step_is_complete() -> None:
    finding = {"path": "model.safetensors", "place": "weight", "sentence": "step 3: the loss is other"}
    cause = {"sentence": "hash order", "evidence": "a set", "remedy": "sort it"}
    document = a_document(
        a_row("variation", "hash-seed", "failed"),
        explained=[{"subject": "hash-seed", "findings": [finding], "probable_cause": cause}],
    )
    outcome = Outcome(fault=a_fault(), said=read_document(document, "train"), seconds=1)
    assert outcome.explained
    assert outcome.named
    assert outcome.to_the_step
    said = "1 of 1 caught, 1 explained to the file, 1 by their cause, 1 of 1 trainings"
    assert score([outcome]).startswith(said)


def test_what_only_inherits_a_difference_has_caught_nothing() -> None:
    document = a_document(
        a_row("rebuild", "train", "failed"), a_row("rebuild", "package", "failed", inherited=True)
    )
    assert read_document(document, "train").caught_by == ("rebuild",)


def test_rebuild_of_another_step_is_another_fault() -> None:
    document = a_document(a_row("rebuild", "prepare", "failed"))
    outcome = Outcome(fault=a_fault(caught_by=("rebuild",)), said=read_document(document, "train"), seconds=1)
    assert not outcome.caught
    assert "rebuild of prepare (expected: rebuild)" in table([outcome])


@pytest.mark.parametrize(
    ("sentence", "catcher"),
    [
        ("train.py uses torch.sqrt, which gives other bits on another processor", ("guard",)),
        ("train.py ran openblas with 4 threads, declared are 1", ("guard",)),
        ("train.py tried to use the network at train.py:3: URLError", ("sandbox",)),
        ("train.py failed at train.py:3: ModuleNotFoundError: No module named 'x'", ("lock",)),
        ("train.py failed at train.py:3: ValueError: a bug of the model's", ()),
    ],
)
def test_refused_step_is_caught_by_what_refused_it(sentence: str, catcher: tuple[str, ...]) -> None:
    document: dict[str, object] = {"verdicts": [], "errors": [{"sentence": sentence, "advice": ""}]}
    assert read_document(document, "train").caught_by == catcher


@pytest.mark.parametrize(
    ("fault", "caught_by", "vary", "expected"),
    [
        (a_fault(), (), "all", False),
        (a_fault(), (), "none", True),
        (a_fault(), (), "umask,hash-seed", False),
        (a_fault(caught_by=("rebuild",)), (), "none", False),
        (a_fault(caught_by=("rebuild", "load")), (), "none", True),
        (a_fault(caught_by=()), (), "all", True),
        (a_fault(), ("locale",), "all", False),
        (a_fault(control=True, explained_as=None, caught_by=()), (), "all", True),
        (a_fault(control=True, explained_as=None, caught_by=()), ("load",), "all", False),
    ],
)
def test_what_is_expected_decides_the_exit_code(
    fault: Fault, caught_by: tuple[str, ...], vary: str, expected: bool
) -> None:
    outcome = Outcome(fault=fault, said=Said(caught_by=caught_by, not_checked=(), text=""), seconds=1)
    assert as_expected(outcome, vary=vary) is expected


def test_control_that_is_caught_is_a_false_alarm() -> None:
    control = a_fault(control=True, explained_as=None, caught_by=())
    outcome = Outcome(fault=control, said=Said(caught_by=("load",), not_checked=(), text=""), seconds=1)
    assert score([outcome]).endswith("false alarms: mine")
