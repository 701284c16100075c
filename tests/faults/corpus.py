"""The corpus as records, and as a flake: each fault is a folder here, a tiny model with one thing wrong in it."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
DEFAULTS = HERE / "defaults"
DESCRIPTION = "fault.yaml"
STEPS = ("prepare", "train", "evaluate")
# What a training in torch reads beside the loop and the data of all.
SHARED = {"numpy": ("linear.py",), "torch-cpu": ("linear.py", "layer.py")}
CPUS = ("Nehalem", "Haswell", "max")
VARIATIONS = (
    *("output-path", "hash-seed", "locale", "time-zone", "clock-year", "clock-hour", "clock-speed"),
    *("directory-order", "user", "build-path", "address-space", "process-id", "umask", "load"),
    *("input-order", "cores-1", "cores-2", "cores-64"),
    *(f"cpu-{name}" for name in CPUS),
)
# A plain double build; what refuses to build; and building under a variation.
BUILDS = ("rebuild", "guard", "sandbox", "lock")
CATCHERS = (*BUILDS, *VARIATIONS)
KEYS = {"kind", "what", "step", "caught_by", "explained_as", "toolchain", "control"}
MODEL = """# A planted fault: {what}
{{
  mkModel,
  toolchains,
  sources,
}}:
mkModel {{
  name = "{name}";
  version = "1.0.0";
  src = ./.;
  toolchain = toolchains.{toolchain};
  prepare = [ "prepare.py" ];
  train = [ {train} ];
  evaluate = [
    "evaluate.py"
    "linear.py"
  ];
  card = "card.md";
}}
"""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What an explanation must name: `file` in the step's output, or the script where the step is refused;
    all of `words`; and with `first_step` the training step where two trainings part.
    """

    file: str
    words: tuple[str, ...]
    first_step: bool = False


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One model of the corpus; a control has no fault, and nothing may catch it.

    Any one of `caught_by` is right; none means that nothing is known to catch it, and whatever does is right.
    """

    name: str
    kind: str
    what: str
    step: str
    caught_by: tuple[str, ...]
    explained_as: Explanation | None
    toolchain: str
    control: bool

    @property
    def folder(self) -> Path:
        """Where its own files lie."""
        return HERE / self.name

    def files(self) -> dict[str, str]:
        """Returns all files of its model by name: its own over the defaults."""
        train = ("train.py", *SHARED[self.toolchain])
        shared = (*SHARED[self.toolchain], "params.yaml", "card.md", *(f"{step}.py" for step in STEPS))
        model = MODEL.format(
            name=self.name,
            what=self.what,
            toolchain=self.toolchain,
            train=" ".join(f'"{file}"' for file in train),
        )
        own = {
            path.name: path for path in self.folder.iterdir() if path.is_file() and path.name != DESCRIPTION
        }
        places = {file: DEFAULTS / file for file in shared} | own
        return {"model.nix": model} | {file: path.read_text() for file, path in places.items()}


def read(name: str) -> Fault:
    """Returns the fault whose folder is called `name`.

    Raises:
        ValueError: its description is not as docs/concepts/faults.md says.
    """
    given = yaml.safe_load((HERE / name / DESCRIPTION).read_text())
    if not isinstance(given, dict) or set(given) - KEYS:
        raise ValueError(f"{name}: {DESCRIPTION} has other keys than {', '.join(sorted(KEYS))}")
    found = Fault(
        name=name,
        kind=given["kind"],
        what=given["what"],
        step=given["step"],
        caught_by=tuple(given["caught_by"]),
        explained_as=_explanation(given.get("explained_as")),
        toolchain=given.get("toolchain", "numpy"),
        control=given.get("control", False),
    )
    if unknown := [word for word in found.caught_by if word not in CATCHERS]:
        raise ValueError(f"{name}: nothing is called {', '.join(unknown)}")
    if found.step not in STEPS or found.toolchain not in SHARED:
        raise ValueError(f"{name}: there is no step {found.step}, or no toolchain {found.toolchain}")
    if found.control != (found.explained_as is None) or (found.control and found.caught_by):
        raise ValueError(f"{name}: a fault says what explains it, a control does not")
    return found


def _explanation(given: Mapping[str, object] | None) -> Explanation | None:
    if given is None:
        return None
    words = given["words"]
    if not isinstance(words, list):
        raise ValueError(f"words are a list, not {words}")
    return Explanation(
        file=str(given["file"]),
        words=tuple(str(word) for word in words),
        first_step=given.get("first_step") is True,
    )


def corpus() -> list[Fault]:
    """Returns all faults by name, controls too."""
    return [read(path.parent.name) for path in sorted(HERE.glob(f"*/{DESCRIPTION}"))]


def make_flake(folder: Path, faults: Iterable[Fault]) -> None:
    """Writes into `folder`, which need not exist, a flake of our rules with a model for each fault."""
    shutil.copytree(REPOSITORY / "builder", folder / "builder", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("flake.nix", "flake.lock"):
        shutil.copy(REPOSITORY / file, folder / file)
    for fault in faults:
        place = folder / "models" / fault.name
        place.mkdir(parents=True)
        for file, text in fault.files().items():
            (place / file).write_text(text)
