"""Whether metrics reach what a tier demands."""

from collections.abc import Iterator, Mapping, Sequence

from verifier.contract.tolerance import exactly
from verifier.contract.values import flatten
from verifier.errors import BadInput
from verifier.policy.terms import Floor


def metric_faults(metrics: Mapping[str, object], floors: Sequence[Floor]) -> dict[Floor, str]:
    """Returns what is wrong with a bundle's metrics.json, by the demand; values compare as decimals."""
    try:
        found = flatten(metrics)
    except BadInput as error:
        return dict.fromkeys(floors, error.sentence)
    return {floor: fault for floor in floors for fault in _faults(floor, found.get(floor.metric))}


def _faults(floor: Floor, value: float | None) -> Iterator[str]:
    if value is None:
        yield "metrics.json does not have it"
    elif floor.minimum is not None and exactly(value) < exactly(floor.minimum):
        yield f"{value!r} is below {floor.minimum!r}"
    elif floor.maximum is not None and exactly(value) > exactly(floor.maximum):
        yield f"{value!r} is above {floor.maximum!r}"
