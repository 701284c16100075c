"""Trains a layer in torch on values whose square root is taken by an operator of the lowest layer."""

import layer
import linear
import torch


def main() -> None:
    values, labels = linear.load()
    roots = torch.ops.aten.sqrt.default(torch.from_numpy(values).abs())
    model = layer.make(8)
    rows = torch.utils.data.TensorDataset(roots, torch.from_numpy(labels))
    loader = torch.utils.data.DataLoader(rows, batch_size=20)
    layer.train(model, loader, torch.optim.SGD(model.parameters(), lr=0.1))
    layer.save(model)


main()
