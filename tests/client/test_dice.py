"""Chance for delays."""

from __future__ import annotations

import os
import random

from trunkline.client.dice import draw


def test_who_seeds_the_applications_dice_does_not_seed_ours():
    drawn = []
    for _ in range(2):
        random.seed(7)
        drawn.append(draw())
    assert drawn[0] != drawn[1]
    assert all(0 <= number < 1 for number in drawn)


def test_a_child_draws_other_numbers_than_its_parent():
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, repr(draw()).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        assert float(told.read()) != draw()
    os.waitpid(child, 0)
