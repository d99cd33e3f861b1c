from __future__ import annotations

import asyncio
import time

import pytest

from trunkline.client import targets
from trunkline.client.config import LineConfig
from trunkline.client.targets import Targets
from trunkline.errors import LinkClosed
from trunkline.protocol.closure import Fault


def of(credential) -> Targets:
    return Targets(LineConfig(credential=credential), wall=time.time)


def test_a_target_has_the_key_where_no_repr_shows_it():
    async def scenario():
        aim = of("sk-test-0123456789")
        target = aim.target(await aim.secret(refresh=False), "")
        assert ("Authorization", "Bearer sk-test-0123456789") in target.headers
        assert "sk-test-0123456789" not in repr(target)

    asyncio.run(scenario())


def test_a_source_that_fails_is_evidence():
    def fails() -> str:
        raise OSError("no vault")

    with pytest.raises(LinkClosed) as caught:
        asyncio.run(of(fails).secret(refresh=True))
    assert caught.value.closure.fault is Fault.CREDENTIAL
    assert "no vault" not in str(caught.value)


def test_a_source_that_hangs_is_evidence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(targets, "_CREDENTIAL_TIMEOUT", 0.01)

    async def never() -> str:
        await asyncio.sleep(3600)
        return ""

    with pytest.raises(LinkClosed) as caught:
        asyncio.run(of(never).secret(refresh=True))
    assert caught.value.closure.fault is Fault.CREDENTIAL
