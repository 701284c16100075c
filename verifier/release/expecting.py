"""How long the steps of a model took when it was released last."""

from collections.abc import Mapping
from typing import cast

from verifier.flake import Model
from verifier.release.expected import Expected

Used = Mapping[str, Mapping[str, float]]


def expected_seconds(model: Model, expected: Expected) -> tuple[dict[str, float], str]:
    """Returns the seconds of wall time by the name of a step's build, on the release's machine, and its version.

    A person who waits is told so much; the machines' speeds are only weighed where something is judged.
    """
    last = expected.last
    if last is None:
        return {}, ""
    found = {
        f"{model.name}-{model.version}-{step}": quantities["wall_seconds"]
        for step, quantities in cast(Used, last.document["resources"]).items()
        if "wall_seconds" in quantities
    }
    return found, last.version
