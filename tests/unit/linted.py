"""A repository of models for lint: right in everything, until a test spoils a file."""

import json
import subprocess
from pathlib import Path

from tests.conftest import REPOSITORY
from verifier.canonical import digest_of
from verifier.lint.files import named
from verifier.lint.findings import Finding
from verifier.lint.linting import lint_files

DIGITS = REPOSITORY / "models" / "digits"
PARAMS = "seed: 1\nhyperparameters:\n  learning_rate: 0.1\n  steps: 20\n"
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["steps"],
    "properties": {"learning_rate": {"type": "number"}, "steps": {"type": "integer", "minimum": 1}},
}
REQUEST = 'kind: data\npython: "3.11"\nwheels: [words]\n'


def lock(name: str) -> dict[str, object]:
    source = {"name": "words", "version": "1", "kind": "wheel", "role": "data", "file": "words-1-py3.whl"}
    source |= {"url": "mirror://pypi/words/words-1-py3.whl", "licence": "MIT", "sha256": "0" * 64}
    request = {"kind": "data", "python": "3.11", "wheels": ["words"]}
    body = {"schema": "samebits/lock/v1", "name": name, "request": request}
    body["sources"] = [{**source, "size": 9}]
    return {**body, "digest": digest_of(body)}


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")


def add_model(root: Path, name: str) -> Path:
    folder = root / "models" / name
    folder.mkdir(parents=True)
    for file in ("model.nix", "contract.yaml"):
        (folder / file).write_text((DIGITS / file).read_text())
    (folder / "params.yaml").write_text(PARAMS)
    (folder / "data.yaml").write_text(REQUEST)
    write_json(folder / "hyperparameters.schema.json", {**SCHEMA, "title": name})
    write_json(folder / "data.lock.json", lock(name))
    return folder


def make_known(root: Path) -> None:
    """Tells git about all files."""
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)


def findings(path: Path) -> list[tuple[str, int, str]]:
    """Returns what is found in one file: its name, the line, the sentence."""
    return [(one.file.name, one.line, one.sentence) for one in found_in(path)]


def found_in(path: Path) -> list[Finding]:
    return lint_files(named([path]))
