"""`verifier check --vary`: what moves the bits is named, alone or not, and what cannot be told is not passed."""

import json
import shutil
from pathlib import Path

import pytest

from tests.integration.conftest import PREPARE, Repository

LOCALE_AND_UMASK = """
import locale, os
from builder.runtime import paths, metrics, tensors
weights = tensors.load(paths.step_input("train") / "model.safetensors")
os.umask(umask := os.umask(0))
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
(paths.output() / "report.txt").write_text(locale.format_string("%.2f", 0.5) + f" {umask:o}")
metrics.write({"sum": float(weights["w"].sum())})
"""
BOTH_AT_ONCE = """
import os, time
from builder.runtime import paths
os.umask(umask := os.umask(0))
last = 4 if umask != 0o22 and time.strftime("%z") != "+0000" else 3
(paths.output() / "numbers.txt").write_text(f"1 2 {last}")
"""
FAILS_ELSEWHERE = (
    PREPARE
    + """
import os
if os.getcwd() != "/build":
    raise RuntimeError("where am I?")
"""
)
TIME_OF_DAY = """
import os, time
from builder.runtime import paths
hours = (time.time() - os.stat(".").st_mtime) // 3600
(paths.output() / "numbers.txt").write_text(f"1 2 {hours:.0f}")
"""
# The tensor that no loss depends on moves at step 35; the trace notes tensors after step 32, and at the end.
MOVES_LATE = """
import os
import numpy as np
from builder.runtime import paths, tensors, training
os.umask(umask := os.umask(0))
weights = {"aside": np.zeros(3, np.float32), "w": np.ones(3, np.float32)}
log = training.begin(weights, optimiser="none")
for step in range(1, 41):
    weights["w"] = weights["w"] * np.float32(0.9)
    if step == 35:
        weights["aside"] = weights["aside"] + np.float32(umask)
    log.step(batch=step, loss=float(weights["w"].sum()), learning_rate=0.1, gradients={})
tensors.save(paths.output() / "model.safetensors", weights)
"""


def rows_of(repository: Repository, name: str, *arguments: str, code: int) -> dict[str, dict[str, object]]:
    """Checks a model and returns the rows of its variations, by name."""
    done = repository.verifier("check", name, "--json", str(repository.root / "verdict.json"), *arguments)
    assert done.code == code, done.out + done.err
    document = json.loads((repository.root / "verdict.json").read_text())
    return {row["subject"]: row for row in document["verdicts"][0]["rows"] if row["check"] == "variation"}


def statuses(rows: dict[str, dict[str, object]]) -> dict[str, object]:
    return {name: row["status"] for name, row in rows.items()}


def test_what_depends_on_two_variations_is_told_from_the_others(repository: Repository) -> None:
    repository.add_model("two", {"evaluate.py": LOCALE_AND_UMASK})
    rows = rows_of(repository, "two", "--vary", "locale,umask,time-zone,user", code=1)
    assert statuses(rows) == {
        "locale": "failed",
        "umask": "failed",
        "time-zone": "passed",
        "user": "passed",
    }
    assert rows["locale"]["detail"] == "evaluate: depends on the locale"
    assert rows["umask"]["differences"] == ["evaluate/report.txt: differs from byte 5 of 7 on"]


def test_what_only_several_move_together_is_said_to_be_that(repository: Repository) -> None:
    repository.add_model("both", {"prepare.py": BOTH_AT_ONCE})
    rows = rows_of(repository, "both", "--vary", "time-zone,umask", code=1)
    assert statuses(rows) == {"time-zone": "passed", "umask": "passed", "several at once": "failed"}
    assert "prepare: no single change moves a bit alone" in str(rows["several at once"]["detail"])


def test_script_that_fails_elsewhere_depends_on_that(repository: Repository) -> None:
    repository.add_model("lost", {"prepare.py": FAILS_ELSEWHERE})
    rows = rows_of(repository, "lost", "--vary", "build-path,umask", code=1)
    assert statuses(rows) == {"build-path": "failed", "umask": "passed"}
    assert "where am I?" in str(rows["build-path"]["detail"])


def test_check_stops_at_the_first_difference_unless_told_otherwise(repository: Repository) -> None:
    repository.add_model("late", {"prepare.py": TIME_OF_DAY})
    names = "clock-hour,clock-year"
    rows = rows_of(repository, "late", "--vary", names, code=1)
    assert statuses(rows) == {"clock-hour": "failed", "clock-year": "not checked"}
    rows = rows_of(repository, "late", "--vary", names, "--keep-going", code=1)
    assert statuses(rows) == {"clock-hour": "failed", "clock-year": "failed"}


@pytest.mark.parametrize("name", ["unknown-name", "cores1"])
def test_unknown_variation_is_refused_before_anything_is_built(repository: Repository, name: str) -> None:
    repository.add_model("tiny")
    done = repository.verifier("check", "tiny", "--vary", name)
    assert done.code == 2
    assert f"there is no variation called {name!r}" in done.err
    assert "first build" not in done.err


def test_differing_rebuild_leaves_the_variations_unchecked(repository: Repository, tmp_path: Path) -> None:
    repository.add_model(
        "dice",
        {"prepare.py": PREPARE + "\n(paths.output() / 'x').write_bytes(__import__('os').urandom(8))\n"},
    )
    rows = rows_of(repository, "dice", "--vary", "quick", code=1)
    assert set(statuses(rows).values()) == {"not checked"}
    assert "the rebuild differs" in str(rows["umask"]["detail"])


@pytest.mark.parametrize(
    ("rule", "lie"),
    [
        ("varied = model.varied vary;", "varied = model.varied { };"),
        (
            "varied = model.varied vary;",
            "varied = (model.varied vary) // { train = (model.varied vary).prepare; };",
        ),
        ("vary = all names;", 'vary = all names // { device = "cuda"; };'),
    ],
    ids=["the step itself", "another step", "another device"],
)
def test_variation_that_is_something_else_than_the_step_is_refused(
    repository: Repository, rule: str, lie: str
) -> None:
    """A flake that says its variations are all equal is not believed."""
    repository.add_model("tiny")
    rules = repository.root / "builder" / "variations.nix"
    text = rules.read_text()
    assert rule in text
    rules.write_text(text.replace(rule, lie))
    done = repository.verifier("check", "tiny", "--vary", "umask")
    assert done.code == 2
    assert "in other surroundings" in done.err


def test_second_build_is_made_by_the_other_nix(repository: Repository, tmp_path: Path) -> None:
    """Here by the same one under another roof, which takes down that it was called."""
    repository.add_model("tiny")
    programs, called = tmp_path / "other" / "bin", tmp_path / "called"
    programs.mkdir(parents=True)
    for name in ("nix", "nix-store"):
        (programs / name).write_text(f'#!/bin/sh\necho "$@" >> {called}\nexec {shutil.which(name)} "$@"\n')
        (programs / name).chmod(0o755)
    done = repository.verifier("check", "tiny", "--second-nix", str(programs))
    assert done.code == 0, done.out + done.err
    assert "rebuilt   by Nix 2." in done.out
    assert "--realise" in called.read_text()


def test_folder_without_a_nix_is_refused(repository: Repository, tmp_path: Path) -> None:
    repository.add_model("tiny")
    done = repository.verifier("check", "tiny", "--second-nix", str(tmp_path))
    assert done.code == 2
    assert "there is no nix-store in" in done.err


def test_replay_names_the_step_and_the_tensor_between_two_notes(repository: Repository) -> None:
    repository.add_model("late", {"train.py": MOVES_LATE})
    done = repository.verifier("check", "late", "--vary", "umask,user", "--replay")
    assert done.code == 1
    line = "replayed from step 33 to 40: tensors.jsonl: step 35: the tensor 'aside' is the first that differs"
    assert line in done.out
    assert "probable cause" in done.out
    without = repository.verifier("check", "late", "--vary", "umask")
    assert "replayed" not in without.out
