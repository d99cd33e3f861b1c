from __future__ import annotations

import ssl
import sys

import pytest
from websockets.asyncio.client import connect

from simulator.dialling import KEY, run, until
from trunkline.errors import ConfigError
from trunkline.simulator.certificate import Certificate
from trunkline.simulator.server import SimulatorServer


def test_a_client_that_trusts_the_authority_connects_by_wss_and_others_do_not(tmp_path):
    async def test():
        async with SimulatorServer(tls=True) as server:
            assert server.base_url.startswith("https://127.0.0.1:")
            url = f"wss{server.base_url.removeprefix('https')}/realtime?model=gpt-realtime"
            trusting = ssl.create_default_context(cadata=server.authority_pem)
            async with connect(url, additional_headers=KEY, ssl=trusting) as ws:
                await until(ws, "session.created")
            with pytest.raises(ssl.SSLCertVerificationError):
                async with connect(url, additional_headers=KEY, ssl=ssl.create_default_context()):
                    pass
            server.write_authority(tmp_path / "authority.pem")
            assert "BEGIN CERTIFICATE" in (tmp_path / "authority.pem").read_text()

    run(test())


def test_what_is_not_installed_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ConfigError, match=r"trunkline\[simulator\]"):
        Certificate()
