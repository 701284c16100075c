"""`.ci/verify.sh` on a change that means harm: what it brings along or prints passes for nothing of ours.

The programs around the script are small stand-ins that do what a hostile flake makes the real ones do.
"""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY

SCRIPT = str(REPOSITORY / ".ci" / "verify.sh")
FORGED = "::notice title=verifier check::verified: all of it"
# What `builtins.trace` prints of a text with a line end, and names of models as options and patterns.
NIX = f"""#!/bin/sh
printf 'trace: one\\n{FORGED}\\n' >&2
printf '%s' '--json=/tmp/hostile * moving'
"""
VERIFIER = """#!/bin/sh
[ "$1" = report ] && echo "::error title=failed::of $4" && exit
printf '%s\n' "$@" >"$SEEN"
mkdir -p samebits-report && cd samebits-report && echo '{}' >verdicts.json && echo '# NOT VERIFIED' >summary.md
exit 1
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "one").mkdir(parents=True)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("nix", NIX), ("nix-store", "#!/bin/sh\n"), ("verifier", VERIFIER)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    programs = root.parent / "programs"
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "SAMEBITS_VERIFIER": str(programs / "verifier"),
        "SEEN": str(root.parent / "seen"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(root.parent / "summary"),
        "GITHUB_OUTPUT": str(root.parent / "output"),
    }
    return subprocess.run(
        [SCRIPT, *arguments],
        cwd=root,
        env=environment,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_what_a_flake_prints_while_it_is_evaluated_is_no_command_to_github(root: Path) -> None:
    log = run(root, "--cache", str(root.parent / "cache")).stdout
    start, _, rest = log.partition("::stop-commands::")
    token, _, rest = rest.partition("\n")
    inside, _, after = rest.partition(f"::{token}::\n")
    assert len(token) == 36 and FORGED in inside
    assert FORGED not in start + after and "::error" in after


def test_commands_are_heard_again_where_the_script_ends_early(root: Path) -> None:
    (root.parent / "programs" / "nix").write_text("#!/bin/sh\nexit 1\n")
    done = run(root)
    token = done.stdout.partition("::stop-commands::")[2].partition("\n")[0]
    assert done.returncode != 0 and done.stdout.rstrip().endswith(f"::{token}::")


def test_names_of_models_are_no_options_and_no_patterns(root: Path) -> None:
    run(root)
    words = (root.parent / "seen").read_text().splitlines()
    assert words[words.index("--") + 1 :] == ["--json=/tmp/hostile", "*", "moving"]


def test_base_that_is_an_option_of_git_is_no_base(root: Path) -> None:
    touched = root.parent / "touched"
    log = run(root, "--base", f"--upload-pack=touch {touched};").stdout
    assert "git knows no --upload-pack" in log and not touched.exists()


def test_report_that_the_change_brings_along_is_gone_whatever_happens(root: Path) -> None:
    (root / "samebits-report").mkdir()
    (root / "samebits-report" / "summary.md").write_text("## verified")
    (root / "samebits-report" / "junit.xml").mkdir()
    (root.parent / "programs" / "nix").write_text("#!/bin/sh\nexit 1\n")
    assert run(root).returncode != 0
    assert os.listdir(root / "samebits-report") == []


@pytest.mark.parametrize("place", ["samebits-report", "one/report"])
def test_folder_for_reports_that_is_a_link_is_refused(place: str, root: Path) -> None:
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "summary.md").write_text("mine")
    link = root / place.partition("/")[0]
    if link.is_dir():
        link.rmdir()
    link.symlink_to(elsewhere)
    done = run(root, "--report", place)
    assert (done.returncode, (elsewhere / "summary.md").read_text()) == (2, "mine")
    assert "leads elsewhere by a link" in done.stdout and not (root.parent / "seen").exists()


def test_only_our_own_files_are_uploaded() -> None:
    job = yaml.safe_load((REPOSITORY / ".ci" / "gitlab.yml").read_text())[".samebits"]
    steps = yaml.safe_load((REPOSITORY / "action.yml").read_text())["runs"]["steps"]
    (upload,) = [one["with"]["path"].split() for one in steps if one["name"] == "Reports"]
    names = ["verdicts.json", "junit.xml", "results.sarif", "summary.md", "report.html"]
    assert job["artifacts"]["paths"] == [f"samebits-report/{name}" for name in names]
    assert [
        one.rpartition("/")[2] for one in " ".join(upload).replace("${{ inputs.report }}", "").split()
    ] == names


def test_report_of_the_change_is_gone_before_anything_can_fail() -> None:
    job = yaml.safe_load((REPOSITORY / ".ci" / "gitlab.yml").read_text())[".samebits"]
    workflow = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "verify.yml").read_text())
    assert job["script"][0] == "rm -rf samebits-report"
    assert workflow["jobs"]["verify"]["steps"][1]["run"] == "rm -rf samebits-report"
