"""The CI files by themselves: the published schemas, the pins of actions, and shell that shellcheck takes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY
from tests.integration.ci import each_shell

SCHEMAS = {
    "action.yml": "vendor.github-actions",
    ".github/workflows/verify.yml": "vendor.github-workflows",
    ".ci/gitlab.yml": "vendor.gitlab-ci",
}
SCRIPTS = ("verify.sh", "store-cache", "setup", "run", "clients")
USES = re.compile(r"^\s*(?:- )?uses: (\S+)(.*)$", re.MULTILINE)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
SHELLS = list(each_shell())


def checked(name: str, folder: Path, old: str = "", new: str = "") -> subprocess.CompletedProcess[str]:
    """Holds a file against its schema, as it is or changed; a hidden job of GitLab's as one that is not hidden."""
    text = (REPOSITORY / name).read_text()
    assert old in text
    path, schema = folder / "file.yml", SCHEMAS[name]
    path.write_text(text.replace(old, new).replace("\n.samebits:\n", "\nsamebits:\n"))
    program = Path(sys.executable).parent / "check-jsonschema"
    command = [str(program), "--builtin-schema", schema, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", SCHEMAS)
def test_file_matches_the_published_schema(tmp_path: Path, name: str) -> None:
    done = checked(name, tmp_path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("action.yml", "using: composite", "using: composed"),
        (".github/workflows/verify.yml", "runs-on:", "run-on:"),
        (".ci/gitlab.yml", "    when: always\n    expose_as", "    when: sometimes\n    expose_as"),
    ],
)
def test_schema_refuses_a_misspelt_file(tmp_path: Path, name: str, old: str, new: str) -> None:
    assert checked(name, tmp_path, old, new).returncode == 1


@pytest.mark.parametrize("name", ["action.yml", ".github/workflows/verify.yml"])
def test_every_action_is_pinned_by_commit_with_its_version_beside(name: str) -> None:
    found = USES.findall((REPOSITORY / name).read_text())
    assert len(found) >= 3
    for action, comment in found:
        if action != "./.samebits":
            assert PINNED.fullmatch(action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{action}{comment}"


def test_one_action_is_pinned_by_one_commit() -> None:
    texts = [(REPOSITORY / name).read_text() for name in ("action.yml", ".github/workflows/verify.yml")]
    pins: dict[str, set[str]] = {}
    for action, comment in (one for text in texts for one in USES.findall(text)):
        name, _, commit = action.partition("@")
        pins.setdefault("/".join(name.split("/")[:2]), set()).add(commit + comment)
    assert {name for name, commits in pins.items() if len(commits) > 1} == set()


def shellcheck(*words: str, script: str | None = None) -> None:
    command = [str(Path(sys.executable).parent / "shellcheck"), *words]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_is_clean_to_shellcheck(name: str) -> None:
    shellcheck(str(REPOSITORY / ".ci" / name))


@pytest.mark.parametrize(("name", "shell", "script"), SHELLS, ids=[name for name, _, _ in SHELLS])
def test_shell_of_a_step_is_clean_to_shellcheck(name: str, shell: str, script: str) -> None:
    shellcheck(f"--shell={shell}", "-", script=script)


@pytest.mark.parametrize(("name", "shell", "script"), SHELLS, ids=[name for name, _, _ in SHELLS])
def test_nothing_of_others_is_written_into_shell(name: str, shell: str, script: str) -> None:
    """An expression in a script is filled in before the shell reads it: a branch's name would be a command."""
    assert "${{" not in script


def test_comment_on_a_pull_request_is_the_summary(tmp_path: Path) -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/verify.yml").read_text())
    (step,) = [one for one in workflow["jobs"]["verify"]["steps"] if one["name"] == "Comment"]
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\necho "$@"\n')
    gh.chmod(0o755)
    surroundings = {"PATH": f"{tmp_path}:/usr/bin:/bin", "NUMBER": "7", "GITHUB_REPOSITORY": "a/b"}
    command = ["bash", "-e", "-c", step["run"]]
    nothing = subprocess.run(
        command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=True
    )
    assert nothing.stdout == ""
    (tmp_path / "samebits-report").mkdir()
    (tmp_path / "samebits-report" / "summary.md").write_text("verified")
    done = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("pr comment 7 --repo a/b ")
    assert done.stdout.endswith("--body-file samebits-report/summary.md\n")
