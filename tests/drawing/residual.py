"""A network of blocks that repeat, for the tests of folding."""

import numpy as np

import nn


class Block(nn.Module):
    def __init__(self, size, rng):
        self.up, self.down = nn.Linear(size, 2 * size, rng=rng), nn.Linear(2 * size, size, rng=rng)

    def forward(self, x):
        return x + self.down(np.tanh(self.up(x)))


class Net(nn.Module):
    def __init__(self, blocks, rng):
        self.embed = nn.Linear(3, 4, rng=rng)
        self.blocks = [Block(4, rng) for _ in range(blocks)]
        self.head = nn.Linear(4, 2, rng=rng)

    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)
