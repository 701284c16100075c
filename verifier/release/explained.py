"""Which files and derivations moved although nothing explains it that was named before."""

from collections.abc import Iterator, Mapping
from typing import cast

Json = Mapping[str, object]

CARD, BILL = "model-card.md", "bom.cdx.json"
# Files that say in their own way what changes of these kinds have said already.
EXPLAINED = {
    "data.json": {"data"},
    "params.yaml": {"params"},
    "toolchain.json": {"toolchain"},
    "metrics.json": {"metrics"},
    CARD: {"data", "params", "toolchain", "metrics"},
    BILL: {"data", "params", "toolchain", "weights", "metrics"},
}
BELOW = (("training/", {"weights"}), ("evaluation/", {"weights", "metrics"}), ("golden", {"weights"}))
# Files that steps read, or that say how they ran: where one of them moved, derivations had to.
READ = {"params.yaml", "hyperparameters.schema.json", "toolchain.json", "data.json"}
STEPS = ("toolchain", "prepare", "train", "evaluate", "package")


def unexplained_files(before: Json, after: Json, kinds: set[str]) -> set[str]:
    """Returns the files that differ, and that changes of these kinds do not explain."""
    found = {path for path in _unlike(before, after) if not _explaining(path) & kinds}
    # The bill of materials names the version, and nothing in it is written by a person.
    return found - {BILL} if before["version"] != after["version"] else found


def unexplained_steps(before: Json, after: Json) -> Iterator[tuple[str, str]]:
    """Yields the first step whose derivation moved, of releases between which no input did; with a sentence.

    Every step but the toolchain reads the version of the model, and `package` the text of the card.
    """
    unlike = _unlike(before, after)
    if unlike & READ:
        return
    same_version = before["version"] == after["version"]
    for step in STEPS if same_version else STEPS[:1]:
        first, second = (
            cast(Mapping[str, Json], one["steps"])[step]["derivation"] for one in (before, after)
        )
        if first != second and not (step == "package" and CARD in unlike):
            yield step, "it is built in another way, of the same inputs: the build rules or model.nix changed"
            return


def _unlike(before: Json, after: Json) -> set[str]:
    first, second = (cast(Mapping[str, str], one["files"]) for one in (before, after))
    return {path for path in first.keys() | second.keys() if first.get(path) != second.get(path)}


def _explaining(path: str) -> set[str]:
    """Returns the kinds of changes that this file follows from."""
    below = next((kinds for prefix, kinds in BELOW if path.startswith(prefix)), set())
    return EXPLAINED.get(path, below)
