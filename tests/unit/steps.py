"""The plan of a step, with defaults for all that a test does not speak of."""

from pathlib import Path

from builder.runtime.plan import Plan


def plan_with(**fields: object) -> Plan:
    """Returns the plan of a train step; `fields` replace the defaults."""
    defaults = {
        **{"step": "train", "model": "digits", "version": "1.0.0", "script": "train.py", "schema": None},
        **{"code": Path("/code"), "params": Path("/params.yaml"), "output": Path("/out")},
        **{"inputs": {}, "sources": {}},
    }
    return Plan(**{**defaults, **fields})  # type: ignore[arg-type]
