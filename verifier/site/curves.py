"""The curves of a bundle's training, from its trace."""

from pathlib import Path

from verifier.errors import BadInput
from verifier.explain.bisection import Steps
from verifier.explain.findings import OtherKind
from verifier.explain.sampled import DRAWN, evenly, points
from verifier.schemas import BUNDLE, read_json
from verifier.site.records import Curve
from verifier.trace import DECISIONS, PLACES, STEPS

MOST_POINTS = 500
# A thousand decisions are far from it.
LARGEST_DECISIONS = 16 << 20
ADVICE = "Take the bundle out of the folder, or check the model again with --out."


def curves_of(bundle: Path) -> tuple[Curve, ...]:
    """Returns loss, learning rate and gradient norm of a bundle's training, called as in the trace.

    Nothing where the bundle has no trace; a quantity that was never noted is left out. At most 501 lines are read,
    whatever the length, and the last of them is held against what decisions.json says of the whole.

    Raises:
        BadInput: the trace is damaged.
    """
    try:
        trace = next((bundle / place for place in PLACES if (bundle / place / STEPS).is_file()), None)
        return () if trace is None else _curves(trace)
    except (OtherKind, OSError) as error:
        said = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise BadInput(f"the training of {bundle} cannot be drawn: {said}", advice=ADVICE) from error


def _curves(trace: Path) -> tuple[Curve, ...]:
    if (trace / DECISIONS).stat().st_size > LARGEST_DECISIONS:
        raise OtherKind(f"{DECISIONS} is larger than {LARGEST_DECISIONS:,} bytes")
    whole = read_json(trace / DECISIONS, BUNDLE / "decisions.schema.json", advice=ADVICE)
    with Steps(trace / STEPS) as steps:
        if (steps.count, steps.chain(steps.count)) != (whole["steps"], whole["chain"]):
            raise OtherKind(f"the trace is damaged: {STEPS} is not what {DECISIONS} says that it ends with")
        drawn = points(steps, evenly(steps.count, MOST_POINTS))
        return tuple(
            Curve(quantity=quantity, points=drawn[quantity], steps=steps.count)
            for quantity in DRAWN
            if drawn[quantity]
        )
