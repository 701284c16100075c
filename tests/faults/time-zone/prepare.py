"""Makes features of moments: the hour and the weekday, in local time."""

from datetime import datetime

import numpy as np

from builder.runtime import paths, tensors

ROWS, FIRST, APART = 200, 1_700_000_000, 9_973


def main() -> None:
    moments = [datetime.fromtimestamp(FIRST + APART * row) for row in range(ROWS)]
    hours = np.array([moment.hour for moment in moments], np.float32)
    days = np.array([moment.weekday() for moment in moments], np.float32)
    values = np.stack([np.sin(hours * k) for k in range(1, 8)] + [days], axis=1).astype(np.float32)
    labels = np.arange(ROWS) % 3
    tensors.save(paths.output() / "rows.safetensors", {"values": values, "labels": labels})


main()
