"""`params.yaml`: seed and hyperparameters, held against the common schema and the model's own."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

import yaml

from builder.runtime import strict_yaml
from builder.runtime.failure import BAD_INPUT, StepFailed
from builder.runtime.validate import SCHEMAS, Invalid, load_schema, validate


@dataclass(frozen=True, kw_only=True)
class Params:
    """The seed of all random generators, and the model's own hyperparameters."""

    seed: int
    hyperparameters: dict[str, object]

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
    return Params(seed=int(written["seed"]), hyperparameters=hyperparameters)


def _bad(sentence: str) -> StepFailed:
    return StepFailed(kind=BAD_INPUT, sentence=sentence, advice="Correct params.yaml.")


def params() -> Params:
    """Returns the parameters of the running step."""
    return read_params(Path(os.environ["SAMEBITS_PARAMS"]))
