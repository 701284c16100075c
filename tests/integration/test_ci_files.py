"""The CI files on a repository with one changed and one unchanged model: green, and red with a planted fault."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.integration import ci
from tests.integration.copies import commit, copy_rules, git

FAULT = "system-randomness"
REPORTS = ("verdicts.json", "junit.xml", "results.sarif", "summary.md", "report.html")
QUICK = ("--", "--vary", "none")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ci.Scratch, ci.Ended]]:
    """A repository whose model `moving` changed for the good, and how a plain script ended on it."""
    folder = tmp_path_factory.mktemp("sound")
    with pytest.MonkeyPatch.context() as patch:
        _live_in(folder, patch)
        scratch = ci.scratch(folder / "repository")
        scratch.change()
        arguments = ("--base", scratch.base, "--cache", str(folder / "kept"), *QUICK)
        yield scratch, ci.run_script(scratch.root, *arguments, scene=folder)


def _live_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "CACHE"):
        patch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))


@pytest.fixture(autouse=True)
def one_machine(own_home: None, sound: tuple[ci.Scratch, ci.Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    """All jobs run on one machine, which remembers what it built twice."""
    _live_in(sound[0].root.parent, monkeypatch)


def changed(scratch: ci.Scratch, tmp_path: Path) -> ci.Scratch:
    """Returns a copy of the repository for a test to change."""
    root = ci.copied(scratch.root, tmp_path / "repository")
    return ci.Scratch(repository=ci.Repository(root=root), base=scratch.base)


def test_change_for_the_good_is_green_and_the_other_model_is_left_alone(
    sound: tuple[ci.Scratch, ci.Ended],
) -> None:
    scratch, done = sound
    assert done.code == 0, done.log
    assert "\nverified  moving 1.0.0" in done.log
    assert "affected      moving: " in done.log and "params.yaml changed" in done.log
    assert f"not affected  steady: its derivation is that of {scratch.base}" in done.log
    assert "second build: steady" not in done.log
    assert "cache     nothing is kept for these locks yet" in done.log and " paths kept in " in done.log


def test_all_reports_are_written_and_nothing_of_git_is_touched(sound: tuple[ci.Scratch, ci.Ended]) -> None:
    scratch, done = sound
    assert f"reports   samebits-report: {' '.join(REPORTS)}" in done.log
    for name in REPORTS:
        assert (scratch.root / "samebits-report" / name).stat().st_size > 100
    assert git(scratch.root, "status", "--porcelain") == "?? samebits-report/"


def test_action_is_green_and_writes_summary_outputs_and_annotations(
    sound: tuple[ci.Scratch, ci.Ended], tmp_path: Path
) -> None:
    scratch, _ = sound
    given = {"arguments": "--vary none", "cache": "false"}
    known = {"github.event.pull_request.base.sha": scratch.base, "github.event.before": ""}
    done = ci.run_action(scratch.root, given, known, tmp_path)
    assert done.code == 0, done.log
    assert done.outputs["verify.exit-code"] == "0" and done.outputs["verify.reported"] == "true"
    assert done.outputs["verify.kept"] == "" and len(done.outputs["locks.key"]) == 32
    assert "verified" in done.summary and "steady" in done.summary
    assert "::notice title=verifier check::verified" in done.log and "::error" not in done.log


def test_what_a_model_prints_is_no_command_to_github(
    sound: tuple[ci.Scratch, ci.Ended], tmp_path: Path
) -> None:
    scratch, _ = sound
    known = {"github.event.pull_request.base.sha": "", "github.event.before": scratch.base}
    log = ci.run_action(scratch.root, {"arguments": "--vary none", "cache": "false"}, known, tmp_path).log
    before, _, rest = log.partition("::stop-commands::")
    token, _, rest = rest.partition("\n")
    inside, _, after = rest.partition(f"::{token}::\n")
    assert len(token) == 36 and "::" not in before
    assert "verified  moving 1.0.0" in inside and "::notice" in after


def test_planted_fault_is_red_and_the_alert_names_artefact_step_and_test(
    sound: tuple[ci.Scratch, ci.Ended], tmp_path: Path
) -> None:
    scratch = changed(sound[0], tmp_path)
    scratch.plant(FAULT)
    given = {"arguments": "--vary none", "cache": "false", "models": "moving steady"}
    known = {"github.event.pull_request.base.sha": scratch.base, "github.event.before": ""}
    done = ci.run_action(scratch.root, given, known, tmp_path)
    assert done.code == 1, done.log
    assert done.outputs["verify.exit-code"] == "1" and done.outputs["verify.reported"] == "true"
    (alert,) = [
        line for line in done.log.splitlines() if line.startswith("::error ") and "rebuild train" in line
    ]
    assert re.search(r"file=models/moving/(train|linear)\.py,line=\d+,", alert), alert
    assert "moving 1.0.0" in alert
    for said in ("train/model.safetensors", "train", "rebuild train", "team-moving", "call 112", "--again"):
        assert said in alert, alert
        assert said in done.summary, done.summary
    assert "not affected  steady" in done.log


def test_template_for_gitlab_installs_a_revision_and_is_green_then_red(
    sound: tuple[ci.Scratch, ci.Ended], tmp_path: Path
) -> None:
    scratch = changed(sound[0], tmp_path)
    rules = tmp_path / "rules"
    variables = {"SAMEBITS_URL": str(rules), "SAMEBITS_REVISION": copy_rules(rules)}
    variables |= {"SAMEBITS_ARGUMENTS": "--vary none", "CI_MERGE_REQUEST_DIFF_BASE_SHA": scratch.base}
    variables |= {"SAMEBITS_VENV": str(tmp_path / "venv"), "PYTHONPATH": ""}
    done = ci.run_template(scratch.root, variables, tmp_path)
    assert done.code == 0, done.log
    assert f"installing the verifier into {tmp_path}/venv" in done.log
    assert "\nverified  moving 1.0.0" in done.log
    assert (scratch.root / ".samebits-cache").is_dir()
    scratch.plant(FAULT)
    done = ci.run_template(scratch.root, variables, tmp_path)
    assert done.code == 1, done.log
    assert "NOT VERIFIED  moving 1.0.0: rebuild train: " in done.log
    assert "paths from .samebits-cache/" in done.log
    junit = (scratch.root / "samebits-report" / "junit.xml").read_text()
    assert "rebuild train" in junit and "train/model.safetensors" in junit


def test_template_for_gitlab_wants_a_revision(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    copy_rules(rules)
    done = ci.run_template(rules, {"SAMEBITS_URL": str(rules)}, tmp_path)
    assert done.code != 0
    assert "name the revision of Samebits" in done.log


@pytest.mark.parametrize("base", ["", "0" * 40, "1234567890" * 4])
def test_without_a_known_base_all_models_are_checked(sound: tuple[ci.Scratch, ci.Ended], base: str) -> None:
    scratch, _ = sound
    done = ci.run_script(scratch.root, "--base", base, *QUICK, scene=scratch.root.parent)
    assert done.code == 0, done.log
    assert "verified  2 models" in done.log
    assert ("git knows no 1234567890" in done.log) == base.startswith("1")


def test_base_that_a_shallow_clone_lacks_is_fetched(
    sound: tuple[ci.Scratch, ci.Ended], tmp_path: Path
) -> None:
    scratch, _ = sound
    shallow = tmp_path / "shallow"
    git(scratch.root, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{scratch.root}", str(shallow))
    done = ci.run_script(shallow, "--base", scratch.base, *QUICK, scene=tmp_path)
    assert done.code == 0, done.log
    assert "not affected  steady" in done.log


def test_bad_input_ends_with_its_exit_code_and_no_old_report(
    sound: tuple[ci.Scratch, ci.Ended], tmp_path: Path
) -> None:
    scratch = changed(sound[0], tmp_path)
    (scratch.root / "models" / "moving" / "model.nix").write_text("{")
    commit(scratch.root)
    report = scratch.root / "samebits-report" / "verdicts.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text("of an earlier run")
    known = {"github.event.pull_request.base.sha": scratch.base, "github.event.before": ""}
    done = ci.run_action(scratch.root, {"cache": "false"}, known, tmp_path)
    assert done.code == 2, done.log
    assert done.outputs["verify.exit-code"] == "2"
    assert not report.exists() or "of an earlier run" not in report.read_text()
    assert "does not evaluate" in done.log + done.summary


def test_usage_error_is_said() -> None:
    done = subprocess.run(
        [REPOSITORY / ".ci" / "verify.sh", "--base"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "verify.sh: --base needs a value\n")
