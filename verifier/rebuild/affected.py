"""Which models a change reaches: by their derivations then and now, whatever the names of the files are.

1. The revision is one that git knows here; Nix evaluates the flake as it was then.
2. A model whose derivation is another is affected, and so is one whose contract or releases are.
3. Why: the first steps, in the order of the work, that differ of themselves, and what in them does.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from verifier.compare import compare_trees
from verifier.derivation import Derivation
from verifier.errors import BadInput
from verifier.flake import Model, describe, describe_all
from verifier.nix import Store
from verifier.rebuild.plan import read_derivation
from verifier.release.document import STEPS
from verifier.release.expected import CONTRACT
from verifier.release.releases import FOLDER

FETCH = "Name a commit that `git log` shows; a shallow clone has few of them (git fetch --unshallow)."
MOST_NAMED = 3
# What of SAMEBITS_STEP is a path, and how a person calls it.
PARTS = {"params": "params.yaml", "schema": "the schema of the hyperparameters"}
Json = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Affected:
    """The models to check, and of each model of the flake why it is among them or not; `since` is the commit."""

    models: tuple[Model, ...]
    why: Mapping[str, str]
    unaffected: Mapping[str, str]
    since: str


def affected(flake: str, names: Sequence[str], revision: str, store: Store) -> Affected:
    """Compares the models called `names` (all, where there are none) with those of a git revision.

    Raises:
        BadInput: git has no such revision here, or the flake does not evaluate as it is now.
        CouldNotCheck: Nix is not installed.
    """
    url, commit = _then(flake, revision)
    now = describe(flake, names) if names else describe_all(flake)
    try:
        known = {model.name: model for model in describe_all(url)}
    except BadInput as error:
        whole = f"{revision} cannot be compared with: {error.sentence}"
        return Affected(
            models=tuple(now), why=dict.fromkeys([m.name for m in now], whole), unaffected={}, since=commit
        )
    why, unaffected = {}, {}
    for model in now:
        moved = reason(known.get(model.name), model, store)
        if moved is None:
            unaffected[model.name] = f"its derivation is that of {revision}, and so are contract and releases"
        else:
            why[model.name] = moved
    gone = [] if names else sorted(known.keys() - {model.name for model in now})
    unaffected |= dict.fromkeys(gone, f"{revision} has it, and the flake no longer does")
    chosen = tuple(model for model in now if model.name in why)
    return Affected(models=chosen, why=why, unaffected=unaffected, since=commit)


def _then(flake: str, revision: str) -> tuple[str, str]:
    """Returns the flake as it was, as a URL, and the commit."""
    folder = Path(flake)
    if not folder.is_dir():
        raise BadInput(f"--changed-since needs a flake in a folder of git, and {flake} is none", advice=FETCH)
    top = _git(folder, "rev-parse", "--show-toplevel")
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if top is None or commit is None:
        what = "is not in git" if top is None else f"has no commit {revision!r}"
        raise BadInput(f"--changed-since: {folder.resolve()} {what}", advice=FETCH)
    inside = folder.resolve().relative_to(Path(top).resolve())
    below = "" if inside == Path() else f"&dir={quote(str(inside))}"
    return f"git+file://{quote(top)}?rev={commit}&shallow=1{below}", commit


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, encoding="utf-8", check=False
        )
    except FileNotFoundError as error:
        raise BadInput("--changed-since needs git, which is not installed", advice="Install git.") from error
    return done.stdout.strip() if done.returncode == 0 else None


def reason(before: Model | None, model: Model, store: Store) -> str | None:
    """Returns why a model is affected; None where it is not."""
    if before is None:
        return "it is new"
    if before.derivation == model.derivation:
        held = [name for name in (CONTRACT, FOLDER) if not _same(before, model, name, store)]
        return f"{' and '.join(held)} changed; its derivation did not" if held else None
    first_in: dict[str, str] = {}  # what changed, and the first step that it changed in
    for step in STEPS:
        if before.steps[step] != model.steps[step]:
            then, now = (read_derivation(store, one.steps[step]) for one in (before, model))
            for what in _own_changes(then, now, store):
                first_in.setdefault(what, step)
    moved = [f"{step}: {what}" for what, step in first_in.items()]
    left_out = len(moved) - MOST_NAMED
    more = [f"{left_out} more"] if left_out > 0 else []
    return "; ".join([*moved[:MOST_NAMED], *more]) or "the rules that build it changed"


def _same(before: Model, model: Model, name: str, store: Store) -> bool:
    first, second = (store.physical(one.folder) / name for one in (before, model))
    if not (os.path.lexists(first) and os.path.lexists(second)):
        return os.path.lexists(first) == os.path.lexists(second)
    return not compare_trees(first, second)


def _own_changes(before: Derivation, now: Derivation, store: Store) -> Iterator[str]:
    """Yields what differs in a step itself, and not in what it takes from the step before."""
    first, second = _said(before), _said(now)
    if not first or not second:
        yield from _inputs(before, now)
        return
    yield from _code(first, second, store)
    for part, name in PARTS.items():
        if first.get(part) != second.get(part):
            yield f"{name} changed"
    for part in ("version", "device", "script"):
        if first.get(part) != second.get(part):
            yield f"{part} is {second.get(part)}, and was {first.get(part)}"
    cuts = [len(pieces) if isinstance(pieces := said.get("pieces"), list) else 1 for said in (first, second)]
    if cuts[0] != cuts[1]:
        yield f"it is cut into {cuts[1]} chunks, and was into {cuts[0]}"
    if first.get("sources") != second.get("sources"):
        yield "the locked data changed"
    if before.environment.get("PYTHONPATH") != now.environment.get("PYTHONPATH"):
        yield "the runtime of the rules changed"
    mine = {"SAMEBITS_STEP", "PYTHONPATH", "PATH", "out", "builder", "name"}
    for name in sorted(before.environment.keys() | now.environment.keys()):
        if name not in mine and before.environment.get(name) != now.environment.get(name):
            yield f"{name} changed"


def _said(derivation: Derivation) -> Json:
    try:
        value = json.loads(derivation.environment.get("SAMEBITS_STEP", "null"))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _code(first: Json, second: Json, store: Store) -> Iterator[str]:
    code = [str(said.get("code")) for said in (first, second)]
    if code[0] == code[1]:
        return
    places = [store.physical(path) for path in code]
    if not all(place.is_dir() for place in places):
        yield "its code changed"
        return
    for line in compare_trees(*places):
        file, _, what = line.partition(": ")
        way = {"missing from the second": "removed", "extra in the second": "added"}.get(what, "changed")
        yield f"{file} {way}"


def _inputs(before: Derivation, now: Derivation) -> Iterator[str]:
    """Yields what a toolchain is made of that it was not, and the other way round."""
    first, second = (
        {path: path.rsplit("/", 1)[-1].split("-", 1)[-1].removesuffix(".drv") for path in one}
        for one in (
            (*before.input_derivations, *before.input_sources),
            (*now.input_derivations, *now.input_sources),
        )
    )
    for path in sorted(second.keys() - first.keys()):
        yield f"{second[path]} {'changed' if second[path] in first.values() else 'added'}"
    yield from (
        f"{first[p]} removed" for p in sorted(first.keys() - second.keys()) if first[p] not in second.values()
    )
