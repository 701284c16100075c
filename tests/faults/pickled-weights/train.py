"""Trains a layer in torch and saves its state as most tutorials do."""

import layer
import torch

from builder.runtime import paths


def main() -> None:
    model = layer.make(8)
    loader = torch.utils.data.DataLoader(layer.dataset(), batch_size=20)
    layer.train(model, loader, torch.optim.SGD(model.parameters(), lr=0.1))
    layer.save(model)
    torch.save(model.state_dict(), paths.output() / "model.pt")


main()
