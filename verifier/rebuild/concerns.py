"""Whose a verdict is, and which line of the model's own files each row of it is about."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from verifier.contract.reading import read_contract
from verifier.contract.resources import QUANTITIES
from verifier.contract.strict_yaml import read_yaml
from verifier.contract.values import Metric, flatten
from verifier.derivation import Derivation
from verifier.errors import BadInput, VerifierError
from verifier.flake import Model
from verifier.nix import Store
from verifier.rebuild.plan import read_derivation
from verifier.report.alerts import STEPS, concerned
from verifier.report.run import Trouble, trouble_of
from verifier.verdict import METRIC, Place, Row, Status, Verdict, step_of

CONTRACT, PARAMS, MODEL = "contract.yaml", "params.yaml", "model.nix"
MOST_BYTES = 1 << 20
# Where in model.nix it says what a check is about.
ATTRIBUTE = {
    "release": r"\bversion\s*=",
    "sources": r"\btoolchain\s*=",
    "licences": r"\btoolchain\s*=",
    "data": r"\bdata\b.*=",
}
NAMED = re.compile(
    r"(?:^|[ '/])(?P<file>contract\.yaml|params\.yaml|model\.nix)(?:, line (?P<line>[0-9]+))?\b"
)
FAILED_STEP = re.compile(r"step ([\w-]+) of ")


@dataclass(frozen=True, kw_only=True)
class Files:
    """A model's folder, on disk and in its repository, and the files that each step sees, its script first."""

    folder: Path
    name: str
    seen: Mapping[str, tuple[str, ...]]

    def place(self, file: str, line: int = 1) -> Place:
        """Returns a line of a file of the model."""
        return Place(file=f"{self.name}/{file}" if self.name else file, line=line)

    def line(self, file: str, pattern: str) -> int | None:
        """Returns the first line that the pattern is found in."""
        lines = self._text(file).splitlines()
        return next((number for number, line in enumerate(lines, 1) if re.search(pattern, line)), None)

    def entry(self, file: str, keys: Sequence[str | int]) -> Place:
        """Returns where a YAML file says something, or would."""
        try:
            return self.place(file, read_yaml(self.folder / file, advice="").line(keys))
        except BadInput:
            return self.place(file)

    def in_script(self, step: str, artefact: str) -> Place:
        """Returns the line of a step's files that names what it writes; else the beginning of its script."""
        seen = self.seen.get(step, ())
        for file in seen if artefact else ():
            line = self.line(file, rf"""['"/]{re.escape(artefact)}['"]""")
            if line is not None:
                return self.place(file, line)
        return self.place(seen[0]) if seen else self.in_model(rf"\b{step}\s*=")

    def in_model(self, pattern: str) -> Place:
        """Returns a line of `model.nix`."""
        return self.place(MODEL, self.line(MODEL, pattern) or self.line(MODEL, r"\bmkModel \{") or 1)

    def _text(self, file: str) -> str:
        path = self.folder / file
        try:
            if path.is_file() and path.stat().st_size <= MOST_BYTES:
                return path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            pass  # a line to look at is no part of the verdict
        return ""


def concerning(verdict: Verdict, model: Model, store: Store) -> Verdict:
    """Returns the verdict with owner, escalation and metrics, and a place for each row that wants a look."""
    files = files_of(model, store)
    owner, escalation = _owned(files)
    rows = tuple(
        row if row.status is Status.PASSED and not row.warned else replace(row, place=place_of(row, files))
        for row in verdict.rows
    )
    return replace(
        verdict,
        rows=rows,
        owner=owner,
        escalation=escalation,
        metrics=metrics_of(verdict.document) if verdict.document else verdict.metrics,
    )


def _owned(files: Files) -> tuple[str, str]:
    """Returns who answers for the model, and whom to call; nothing where the contract names nobody."""
    try:
        owned = read_contract(files.folder / CONTRACT).ownership
    except BadInput:  # there is none; one that is wrong has ended the check
        owned = None
    return (owned.owner, owned.escalation) if owned else ("", "")


def trouble_with(model: Model, error: VerifierError, store: Store) -> Trouble:
    """Returns an error as what kept the model from a verdict, with whose it is and the line to look at."""
    files = files_of(model, store)
    owner, escalation = _owned(files)
    place = place_of_error(error, files) if isinstance(error, BadInput) else None
    return replace(trouble_of(model.name, error), place=place, owner=owner, escalation=escalation)


def metrics_of(document: Mapping[str, object]) -> dict[str, float]:
    """Returns the metrics in the document of a release, by name; those alone that JSON has a number for."""
    found = flatten(cast(Mapping[str, object], document.get("metrics", {})))
    return {str(metric): value for metric, value in found.items() if math.isfinite(value)}


def files_of(model: Model, store: Store) -> Files:
    """Returns the model's own files."""
    name = "/".join(model.folder.split("/")[4:])
    seen = {}
    for step in STEPS:
        try:
            seen[step] = _seen(read_derivation(store, model.steps[step]), store)
        except (BadInput, OSError, KeyError, TypeError, ValueError):
            seen[step] = ()
    return Files(folder=store.physical(model.folder), name=name, seen=seen)


def _seen(derivation: Derivation, store: Store) -> tuple[str, ...]:
    """Returns the files that a step was given, the script that it runs first."""
    said = json.loads(derivation.environment["SAMEBITS_STEP"])
    code, script = store.physical(str(said["code"])), said.get("script")
    others = sorted(str(path.relative_to(code)) for path in code.rglob("*") if path.is_file())
    return tuple(dict.fromkeys([*([script] if script in others else []), *others]))


def place_of(row: Row, files: Files) -> Place:
    """Returns the line that a row is about, as well as that can be told."""
    if row.check == METRIC:
        return files.entry(CONTRACT, ["metrics", *_declared(row.subject, files)])
    if row.check == "resource":
        return _of_resource(row.subject, files)
    if row.check == "prediction":
        return files.entry(CONTRACT, ["equality"])
    step, path = concerned(row)
    step = step_of(step)
    if row.check in ATTRIBUTE:
        return files.in_model(ATTRIBUTE[row.check])
    if step in STEPS[:-1]:
        return files.in_script(step, path.rsplit("/", 1)[-1] if "/" in path else "")
    return files.in_model(r"\btoolchain\s*=" if step and step != "package" else r"\bmkModel \{")


def _declared(subject: str, files: Files) -> list[int]:
    """Returns the index of the metric's declaration; nothing where the contract has none."""
    try:
        declared = read_contract(files.folder / CONTRACT).metrics
    except BadInput:
        return []
    names = [str(Metric(one.name, one.slice)) for one in declared]
    if subject in names:
        return [names.index(subject)]
    alike = (i for i, name in enumerate(names) if name.endswith("*") and subject.startswith(name[:-1]))
    return list(alike)[:1]


def _of_resource(subject: str, files: Files) -> Place:
    step, _, words = subject.partition(", ")
    if words == "device":
        return files.entry(PARAMS, ["device"])
    if words == "batch size":
        return files.entry(PARAMS, ["hyperparameters", "batch_size"])
    name = next((name for name, one in QUANTITIES.items() if one.words == words), "")
    return files.entry(CONTRACT, ["resources", step, name])


def place_of_error(error: BadInput, files: Files) -> Place | None:
    """Returns the line of the model's files that an error names, or the script of the step that failed."""
    step, named = FAILED_STEP.match(error.sentence), NAMED.search(error.sentence)
    if named:
        return files.place(named["file"], int(named["line"] or 1))
    return files.in_script(step_of(step[1]), "") if step and step_of(step[1]) in STEPS else None
