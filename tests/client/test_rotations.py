from __future__ import annotations

import asyncio
import gc

import pytest

from trunkline.client.rotations import Rotations
from trunkline.errors import RotationAbandoned
from trunkline.protocol.observations import Observation, RotationFailed


def failed(*, final: bool) -> RotationFailed:
    return RotationFailed(at=0.0, epoch=1, cause="no", advice="", closure=None, final=final)


def test_a_failure_that_is_not_final_ends_no_waiting():
    async def scenario():
        rotations = Rotations()
        one, other = rotations.wait(), rotations.wait()
        other.cancel()
        rotations.observe(Observation(at=0.0, epoch=1))
        rotations.observe(failed(final=False))
        assert not one.done()
        rotations.observe(failed(final=True))
        with pytest.raises(RotationAbandoned):
            await one

    asyncio.run(scenario())


def test_a_failure_that_nobody_waits_for_makes_no_noise():
    async def scenario():
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        rotations = Rotations()
        rotations.wait()
        rotations.observe(failed(final=True))
        await asyncio.sleep(0)
        gc.collect()
        assert told == []

    asyncio.run(scenario())
