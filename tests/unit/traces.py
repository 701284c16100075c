"""Traces of a few steps, written by the real writer."""

from pathlib import Path

import numpy as np

from builder.runtime.trace import Trace


def write_trace(
    folder: Path, steps: int, *, changed: int | None = None, quantity: str = "loss", tensor: float = 1.0
) -> Path:
    """Writes a trace; at the step `changed` one quantity is another than usual."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    trace = Trace(folder, tensors_every=4)
    trace.decide("optimiser", {"name": "SGD"})
    trace.tensors([("w", np.zeros(2))])
    for step in range(1, steps + 1):
        values: dict[str, object] = {
            "batch": f"{step:032x}",
            "loss": 1.0 / step,
            "learning_rate": 0.1,
            "gradient_norm": 2.0 / step,
        }
        if step == changed:
            values[quantity] = "f" * 32 if quantity == "batch" else 7.0
        trace.record(**values)  # type: ignore[arg-type]
        if trace.wants_tensors():
            trace.tensors([("w", np.full(2, step * tensor))])
    trace.close()
    return folder
