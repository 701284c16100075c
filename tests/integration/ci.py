"""What CI systems do with our files: the steps of action.yml and of the template for GitLab, run as theirs.

A step's shell runs as it is, in the environment that the file gives it. Of GitHub's expressions those that
the files use are known; another one is an error.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.conftest import REPOSITORY
from tests.faults.corpus import read
from tests.integration.conftest import Repository, new_repository
from tests.integration.copies import commit

EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")
SHELLS = {"sh": ["sh", "-e"], "bash": ["bash", "-e", "-o", "pipefail"]}
CONTRACT = """owner: team-moving
tier: low
approvers: [alice]
escalation: call 112
intended_use: a test
metrics:
  - { name: accuracy, tolerance: exact }
"""


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """A repository with a model that changes and one that does not; `base` is the revision before the change."""

    repository: Repository
    base: str

    @property
    def root(self) -> Path:
        return self.repository.root

    def change(self) -> str:
        """Trains with another seed; returns the revision."""
        path = self.root / "models" / "moving" / "params.yaml"
        path.write_text(re.sub(r"^seed: \d+$", "seed: 77", path.read_text(), flags=re.MULTILINE))
        return commit(self.root)

    def plant(self, fault: str) -> str:
        """Puts a fault of the corpus into the model that changes; returns the revision."""
        for file in ("train.py",):
            (self.root / "models" / "moving" / file).write_text(read(fault).files()[file])
        return commit(self.root)


def scratch(folder: Path) -> Scratch:
    """Makes the repository, with both models sound."""
    repository = new_repository(folder)
    files = read("clean-numpy").files()
    renamed = files["model.nix"].replace('"clean-numpy"', '"moving"')
    repository.add_model("moving", {**files, "model.nix": renamed, "contract.yaml": CONTRACT})
    repository.add_model("steady")
    return Scratch(repository=repository, base=commit(folder))


def verifier_program(folder: Path) -> str:
    """Writes a program that is this checkout's verifier, as if it were installed; returns its path."""
    program = folder / "verifier"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={REPOSITORY} exec {sys.executable} -B -m verifier "$@"\n')
    program.chmod(0o755)
    return str(program)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a job ended: its exit code, its log, what its steps put out, and the job summary."""

    code: int
    log: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""


def run_action(root: Path, given: Mapping[str, str], known: Mapping[str, str], scene: Path) -> Ended:
    """Runs the steps of action.yml that are shell, in the repository `root`.

    `given` are the inputs, `known` what else expressions name, such as `github.event.before`.
    """
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text())
    values = {f"inputs.{name}": str(one["default"]) for name, one in action["inputs"].items()}
    values |= {f"inputs.{name}": value for name, value in given.items()}
    values |= {"runner.temp": str(scene), "runner.environment": "self-hosted", **known}
    summary, outputs = scene / "summary", scene / "outputs"
    environment = {
        **os.environ,
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(REPOSITORY),
    }
    environment |= {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs)}
    environment["SAMEBITS_VERIFIER"] = verifier_program(scene)
    log, found, code = "", dict[str, str](), 0
    for step in action["runs"]["steps"]:
        if "run" not in step or "github-hosted" in step.get("if", ""):
            continue
        outputs.write_text("")
        own = {key: _filled(str(value), values) for key, value in step.get("env", {}).items()}
        done = shell(step["shell"], step["run"], root, {**environment, **own})
        log += done.log
        said = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        found |= {f"{step['id']}.{key}": value for key, value in said.items()}
        code = code or done.code
    text = summary.read_text() if summary.exists() else ""
    return Ended(code=code, log=log, outputs=found, summary=text)


def run_template(root: Path, variables: Mapping[str, str], scene: Path) -> Ended:
    """Runs the script of the template for GitLab, whose lines are one script to it."""
    job = yaml.safe_load((REPOSITORY / ".ci" / "gitlab.yml").read_text())[".samebits"]
    own = {key: str(value) for key, value in job["variables"].items()} | dict(variables)
    environment = {
        **os.environ,
        "CI": "true",
        "GITLAB_CI": "true",
        "XDG_CACHE_HOME": str(scene / "cache"),
        **own,
    }
    return shell("bash", "\n".join(job["script"]), root, environment)


def run_script(root: Path, *arguments: str, scene: Path) -> Ended:
    """Runs .ci/verify.sh as any other CI would."""
    environment = {**os.environ, "SAMEBITS_VERIFIER": verifier_program(scene)}
    command = [str(REPOSITORY / ".ci" / "verify.sh"), *arguments]
    return _ended(subprocess.run(command, cwd=root, env=environment, check=False, **_TOGETHER))


def shell(name: str, script: str, root: Path, environment: Mapping[str, str]) -> Ended:
    """Runs a script as the CI systems run theirs."""
    done = subprocess.run(
        [*SHELLS[name], "-c", script], cwd=root, env=dict(environment), check=False, **_TOGETHER
    )
    return _ended(done)


_TOGETHER = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}


def _ended(done: "subprocess.CompletedProcess[str]") -> Ended:
    assert "Traceback (most recent call last)" not in done.stdout, done.stdout
    return Ended(code=done.returncode, log=done.stdout)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return EXPRESSION.sub(lambda match: _evaluated(match[1], values), text)


def _evaluated(expression: str, values: Mapping[str, str]) -> str:
    """Returns what an expression comes to: `a || b`, `a == 'b' && c || d`, `format(…)`, names and quoted text."""
    for choice in expression.split(" || "):
        *conditions, result = choice.split(" && ")
        if all(_holds(one, values) for one in conditions) and (found := _term(result, values)):
            return found
    return ""


def _holds(condition: str, values: Mapping[str, str]) -> bool:
    name, _, wanted = condition.partition(" == ")
    return _term(name, values) == _term(wanted, values)


def _term(term: str, values: Mapping[str, str]) -> str:
    if term.startswith("format("):
        form, name = term.removeprefix("format(").removesuffix(")").split(", ")
        return form.strip("'").replace("{0}", _term(name, values))
    return term.strip("'") if term.startswith("'") else values[term]


def store_paths(export: Path, into: Path) -> list[str]:
    """Imports an export into an empty store, as root without a daemon; returns the paths that are valid there."""
    command = ["nix-store", "--store", str(into), "--import"]
    with export.open("rb") as content:
        done = subprocess.run(command, stdin=content, capture_output=True, text=True, check=True)
    return done.stdout.split()


def each_shell() -> Iterator[tuple[str, str, str]]:
    """Yields the shell parts of all CI files: a name, the shell, the script."""
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text())
    for step in action["runs"]["steps"]:
        if "run" in step:
            yield f"action.yml: {step['name']}", step["shell"], step["run"]
    workflow = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "verify.yml").read_text())
    for step in workflow["jobs"]["verify"]["steps"]:
        if "run" in step:
            yield f"verify.yml: {step['name']}", "bash", step["run"]
    job = yaml.safe_load((REPOSITORY / ".ci" / "gitlab.yml").read_text())[".samebits"]
    yield "gitlab.yml", "bash", "\n".join(job["script"])


Copy = Callable[[Path], Path]


def copied(root: Path, target: Path) -> Path:
    """Returns a copy of a repository."""
    return Path(shutil.copytree(root, target, symlinks=True))
