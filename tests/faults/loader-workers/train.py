"""Trains a layer in torch on rows with noise, which two workers add."""

import layer
import linear
import numpy as np
import torch


class Noisy(torch.utils.data.Dataset):
    """The rows, each time with other noise; each worker has a generator of its own."""

    def __init__(self) -> None:
        self.values, self.labels = linear.load()
        self.generator: np.random.Generator | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, row: int) -> tuple[np.ndarray, int]:
        if self.generator is None:
            self.generator = np.random.default_rng()
        noise = self.generator.standard_normal(self.values.shape[1], dtype=np.float32)
        return self.values[row] + noise, int(self.labels[row])


def main() -> None:
    model = layer.make(8)
    loader = torch.utils.data.DataLoader(Noisy(), batch_size=20, shuffle=True, num_workers=2)
    layer.train(model, loader, torch.optim.SGD(model.parameters(), lr=0.1))
    layer.save(model)


if __name__ == "__main__":
    main()
