"""Trains a layer in torch: shuffled rows from two workers, and fused AdamW, the same on every CPU."""

import layer
import torch


def main() -> None:
    model = layer.make(8)
    loader = torch.utils.data.DataLoader(layer.dataset(), batch_size=20, shuffle=True, num_workers=2)
    layer.train(model, loader, torch.optim.AdamW(model.parameters(), lr=0.1, fused=True))
    layer.save(model)


main()
