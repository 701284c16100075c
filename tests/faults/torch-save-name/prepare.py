"""Draws 200 rows and saves them by torch, beside first and then by rename."""

import os
import tempfile
from pathlib import Path

import numpy as np
import torch

from builder.runtime import paths, tensors
from builder.runtime.params import params


def main() -> None:
    generator = np.random.default_rng(params().seed)
    labels = generator.integers(0, 3, 200)
    values = (labels[:, None] + generator.standard_normal((200, 8))).astype(np.float32)
    tensors.save(paths.output() / "rows.safetensors", {"values": values, "labels": labels})
    descriptor, beside = tempfile.mkstemp(suffix=".pt", dir=paths.output())
    os.close(descriptor)
    torch.save({"values": torch.from_numpy(values)}, beside)
    Path(beside).replace(paths.output() / "rows.pt")


main()
