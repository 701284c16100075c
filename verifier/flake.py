"""Asks a flake which models it has. What it says is a claim; `rebuild/plan.py` holds it against derivations."""

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from verifier.errors import BadInput
from verifier.nix import EvaluationFailed, evaluate, last_error
from verifier.nixlog import plain

MKMODEL = "Make it with mkModel and change nothing of what it returns."
STORE_PATH = re.compile(r"/nix/store/[0-9a-df-np-sv-z]{32}-[0-9A-Za-z+._?=-]+")
# A folder below a store path, without `.` and `..` among its parts.
FOLDER = re.compile(STORE_PATH.pattern + r"(/(?!\.\.?(/|$))[^/]+)*")

# What builder/lock.nix adds to a trace; the trace shows the rule's own line too, with its ${…} unfilled.
MISSING = re.compile(r"attribute '([^']+)' missing")
READING = "while reading the lock "

DESCRIBE = """models: let
  asked = builtins.fromJSON %s;
  names = if asked == null then builtins.attrNames models else asked;
  one = name: let m = models.${name}; in {
    inherit (m) version drvPath;
    path = m.outPath;
    folder = m.folder or "";
    # What the locks state: of every file the path and the sha256, of the seed that of its NAR.
    locked = map (s: { path = s.outPath; inherit (s.entry) sha256; })
        ((m.toolchain.sources or [ ]) ++ builtins.attrValues (m.data or { }))
      ++ (if m.toolchain ? seed
        then [ { path = m.toolchain.seed.outPath; sha256 = m.toolchain.lock.seed.nar_sha256; } ] else [ ]);
    chunks = map (chunk: chunk.drvPath) (m.chunks or [ ]);
    steps = builtins.mapAttrs (_: step: step.drvPath) { inherit (m) toolchain prepare train evaluate package; };
  };
in {
  known = builtins.attrNames models;
  models = builtins.listToAttrs (map (name: { inherit name; value = one name; })
    (builtins.filter (name: models ? ${name}) names));
}"""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model as its flake describes it: version, derivation, bundle path, and its steps' derivations.

    `locked` has the sha256 (hex) that a lock states for a source's path, of the NAR for the seed. `folder` is the
    model's own, below a store path; empty where the rules are older and do not say. `chunks` are the derivations
    that the training is cut into, in order; none where it is in one piece.
    """

    name: str
    version: str
    derivation: str
    path: str
    steps: dict[str, str]
    locked: dict[str, str] = field(default_factory=dict)
    folder: str = ""
    chunks: tuple[str, ...] = ()


def describe(flake: str, names: Sequence[str]) -> list[Model]:
    """Evaluates `flake` and returns the models called `names`.

    Raises:
        BadInput: the flake does not evaluate, or has no such model.
        CouldNotCheck: Nix is not installed.
    """
    found = _described(flake, list(names))
    for name in names:
        if name not in found["models"]:
            near = difflib.get_close_matches(name, found["known"], n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(found['known']) or 'none'}."
            raise BadInput(f"{where(flake)} has no model called {name!r}", advice=hint)
    return [_model(name, found["models"][name]) for name in names]


def describe_all(flake: str) -> list[Model]:
    """Evaluates `flake` and returns all its models, in the order of their names.

    Raises:
        BadInput: the flake does not evaluate.
        CouldNotCheck: Nix is not installed.
    """
    return [_model(name, fields) for name, fields in sorted(_described(flake, None)["models"].items())]


def _described(flake: str, names: list[str] | None) -> dict[str, dict[str, dict[str, object]]]:
    expression = DESCRIBE % json.dumps(json.dumps(names)).replace("${", "\\${")
    attribute = f"{absolute(flake)}#packages.x86_64-linux"
    try:
        return cast(dict[str, dict[str, dict[str, object]]], evaluate(attribute, expression))
    except EvaluationFailed as error:
        said = str(error)
        what = f"{where(flake)} does not evaluate: {_sentence(said)}"
        raise BadInput(what, advice=_mend(said, flake)) from error


def _sentence(said: str) -> str:
    """Returns Nix's last error, and the lock that was being read."""
    lines = [plain(line) for line in said.splitlines()]
    reading = [line.split(READING)[1] for line in lines if READING in line and "${" not in line]
    return f"the lock {reading[-1]} {last_error(said)}" if reading else last_error(said)


def where(flake: str) -> str:
    """Returns a flake as a person knows it: the folder, where it is one."""
    return f"the flake {absolute(flake)}"


def absolute(flake: str) -> str:
    """Returns a folder with its whole path: without `./` Nix would look for its name in a registry."""
    return str(Path(flake).resolve()) if Path(flake).is_dir() else flake


def _mend(said: str, flake: str) -> str:
    missing = MISSING.search(said)
    if missing:
        locks = [*Path(flake).glob("builder/locks/*.lock.json"), *Path(flake).glob("locks/*.lock.json")]
        kept = [path for path in locks if '"kind": "toolchain"' in path.read_text(encoding="utf-8")]
        names = sorted(path.name.removesuffix(".lock.json") for path in kept)
        near = difflib.get_close_matches(missing[1], names, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        known = f" ({', '.join(names)})" if names else ""
        return (
            f"If it is meant for a toolchain, {hint}a toolchain is called as its lock{known}; "
            "a source is called as its package in data.lock.json."
        )
    if "requires lock file changes" in said:
        return "Pin the inputs of the flake first: nix flake lock"
    return "Correct that; new files of a repository must be known to git (git add)."


def _model(name: str, fields: dict[str, object]) -> Model:
    """Takes the flake's word for what it is called, never for what it holds; `make_plan` checks the paths."""
    steps, locked, folder = fields["steps"], fields["locked"], fields["folder"]
    chunks = cast(list[object], fields.get("chunks", []))
    paths = [fields["drvPath"], fields["path"], *cast(dict[str, object], steps).values(), *chunks]
    words = [fields["version"], folder, *paths]
    if not all(isinstance(word, str) and plain(word) == word and "\n" not in word for word in words):
        raise BadInput(f"the flake describes {name} with something else than text", advice=MKMODEL)
    if not all(STORE_PATH.fullmatch(path) for path in cast(list[str], paths)):
        raise BadInput(f"the flake describes {name} with something else than store paths", advice=MKMODEL)
    if folder and not FOLDER.fullmatch(cast(str, folder)):
        raise BadInput(f"the flake puts the folder of {name} outside the store", advice=MKMODEL)
    return Model(
        name=name,
        version=cast(str, fields["version"]),
        derivation=cast(str, fields["drvPath"]),
        path=cast(str, fields["path"]),
        steps=cast(dict[str, str], steps),
        locked={str(e["path"]): str(e["sha256"]) for e in cast(list[dict[str, object]], locked)},
        folder=cast(str, folder),
        chunks=tuple(cast(list[str], chunks)),
    )
