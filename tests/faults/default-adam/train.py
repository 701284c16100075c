"""Trains a layer in torch with Adam as it comes."""

import layer
import torch


def main() -> None:
    model = layer.make(8)
    loader = torch.utils.data.DataLoader(layer.dataset(), batch_size=20, shuffle=True)
    layer.train(model, loader, torch.optim.Adam(model.parameters(), lr=0.1))
    layer.save(model)


main()
