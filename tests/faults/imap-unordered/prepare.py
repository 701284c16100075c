"""Makes 200 rows in a pool of processes; some take longer than others."""

import multiprocessing

import numpy as np

from builder.runtime import paths, tensors

ROWS = 200


def make(row: int) -> tuple[int, np.ndarray]:
    generator = np.random.default_rng(row)
    size = 20 + row % 11 * 10
    square = generator.standard_normal((size, size))
    return row % 3, np.linalg.svd(square, compute_uv=False)[:8].astype(np.float32)


def main() -> None:
    with multiprocessing.Pool(4) as pool:
        made = list(pool.imap_unordered(make, range(ROWS)))
    labels = np.array([label for label, _ in made])
    values = np.stack([row for _, row in made]) / 10
    tensors.save(paths.output() / "rows.safetensors", {"values": values, "labels": labels})


if __name__ == "__main__":
    main()
