"""`params.yaml`: seed and hyperparameters, held against the common schema and the model's own."""

import difflib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict, cast

import yaml

from builder.runtime import strict_yaml
from builder.runtime.failure import BAD_INPUT, StepFailed
from builder.runtime.pytorch.rules import NAMES
from builder.runtime.silicon import NUMPY_ARGSORT
from builder.runtime.trace import TENSORS_EVERY
from builder.runtime.validate import SCHEMAS, Invalid, load_schema, validate

MAY_BE_ALLOWED = (*NAMES, NUMPY_ARGSORT)


@dataclass(frozen=True, kw_only=True)
class Params:
    """The seed of all random generators, what the model runs on, and its own hyperparameters.

    `allowed` holds, with the reason, what may be used although it depends on the processor.
    """

    seed: int
    hyperparameters: dict[str, object]
    device: str = "cpu"
    threads: int = 1
    tensors_every: int = TENSORS_EVERY
    allowed: dict[str, str] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """Returns the hyperparameter `name`, which the schema says is a number."""
        return float(cast(float, self.hyperparameters[name]))

    def integer(self, name: str) -> int:
        """Returns the hyperparameter `name`, which the schema says is an integer."""
        return int(cast(int, self.hyperparameters[name]))


class _Written(TypedDict, total=False):
    """The file after it matched params.schema.json."""

    seed: int
    hyperparameters: dict[str, object]
    device: str
    threads: int
    trace: dict[str, int]
    allow: dict[str, str]


def read_params(path: Path, schema: Path | None = None) -> Params:
    """Reads and checks a `params.yaml`; `schema` describes its `hyperparameters`.

    Raises:
        StepFailed: it is no YAML, has an unknown key, or a value of a wrong type.
    """
    try:
        value = strict_yaml.load(path.read_text(encoding="utf-8"))
        validate(value, load_schema(SCHEMAS / "params.schema.json"), "params.yaml")
        written = cast(_Written, value)
        hyperparameters = written.get("hyperparameters", {})
        if schema is not None:
            validate(hyperparameters, load_schema(schema), "params.yaml: hyperparameters")
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _bad(f"params.yaml is not YAML: {' '.join(str(error).split())}") from error
    except Invalid as error:
        raise _bad(str(error)) from error
    for key in ("threads", "seed"):
        if isinstance(written.get(key), float):  # which JSON Schema takes for an integer where it is whole
            raise _bad(f"params.yaml: {key} must be of type integer, found {written[key]}")
    return Params(
        seed=int(written["seed"]),
        hyperparameters=hyperparameters,
        device=written.get("device", "cpu"),
        threads=written.get("threads", 1),
        tensors_every=written.get("trace", {}).get("tensors_every", TENSORS_EVERY),
        allowed=_known(written.get("allow", {})),
    )


def _known(allow: dict[str, str]) -> dict[str, str]:
    for name in allow:
        if name not in MAY_BE_ALLOWED:
            near = difflib.get_close_matches(name, MAY_BE_ALLOWED, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "see docs/concepts/determinism.md for the names"
            raise _bad(f"params.yaml allows {name!r}, which nothing refuses; {hint}")
    return allow


def _bad(sentence: str) -> StepFailed:
    return StepFailed(kind=BAD_INPUT, sentence=sentence, advice="Correct params.yaml.")


def params() -> Params:
    """Returns the parameters of the running step; only `train` runs on another device than the CPU."""
    found = read_params(Path(os.environ["SAMEBITS_PARAMS"]))
    return found if os.environ.get("SAMEBITS_STEP") == "train" else replace(found, device="cpu")
