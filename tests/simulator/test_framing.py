from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from websockets.frames import Frame, Opcode

from simulator.dialling import FAST, KEY, address, dialled, run, send, until
from simulator.sitting import append, loud, quiet
from trunkline.errors import ConfigError
from trunkline.simulator.framing import Framing, _head
from trunkline.simulator.server import SimulatorServer


async def raw_reply(server, headers: str) -> list[bytes]:
    """What each read of a bare socket gives after an upgrade."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(
        b"GET /v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        + headers.encode() + b"\r\n"
    )  # fmt: skip
    head = await reader.readuntil(b"\r\n\r\n")
    rest = await reader.read(65536)
    writer.close()
    return [head, rest]


def test_an_error_and_its_close_come_in_one_write():
    async def test():
        async with SimulatorServer() as server:
            head, rest = await raw_reply(server, "")
            assert b"101 Switching" in head
            size = int.from_bytes(rest[2:4], "big")
            assert rest[0] == 0x81
            assert json.loads(rest[4 : 4 + size])["type"] == "error"
            close = rest[4 + size :]
            assert close[0] == 0x88
            assert int.from_bytes(close[2:4], "big") == 3000
            assert close[4:] == b"invalid_request_error"

    run(test())


def test_long_messages_come_in_fragments():
    async def test():
        async with SimulatorServer(fragment_bytes=500) as server, aiohttp.ClientSession() as http:
            _, rest = await raw_reply(server, "Authorization: Bearer sk-test\r\n")
            assert rest[0] == 0x01
            assert int.from_bytes(rest[2:4], "big") == 500
            async with http.ws_connect(address(server), headers=KEY) as ws:
                assert json.loads((await ws.receive()).data)["type"] == "session.created"
                await ws.send_json({"type": "session.update", "session": {"type": "realtime"}})
                assert json.loads((await ws.receive()).data)["type"] == "session.updated"

    run(test())


def test_deflate_is_accepted_if_it_is_offered():
    async def test():
        async with SimulatorServer(deflate=True, timing=FAST) as server, dialled(server) as ws:
            assert "permessage-deflate" in ws.response.headers["Sec-WebSocket-Extensions"]
            await send(ws, append(loud(300) + quiet(700)))
            await until(ws, "response.done")
            async with dialled(server, compression=None) as plain:
                assert "Sec-WebSocket-Extensions" not in plain.response.headers

    run(test())


def test_a_client_that_talks_on_instead_of_closing_is_not_waited_for():
    class Talker:
        """A connection on which a message is always there."""

        compress = 0

        async def receive(self):
            await asyncio.sleep(0)
            return aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, "", None)

    class Transport:
        told = b""

        def write(self, data: bytes) -> None:
            self.told += data

        def close(self) -> None:
            self.told += b"closed"

    async def test():
        transport = Transport()
        await Framing(Talker(), transport).turn_away(b"{}", 4000, "no", wait=0.01)
        assert transport.told == b"\x81\x02{}\x88\x04\x0f\xa0noclosed"

    run(test())


def test_settings_that_exclude_each_other_are_refused():
    with pytest.raises(ConfigError, match="deflate"):
        SimulatorServer(fragment_bytes=10, deflate=True)
    with pytest.raises(ConfigError, match="1 or more"):
        SimulatorServer(fragment_bytes=0)


@pytest.mark.parametrize("size", [125, 126, 65535, 65536])
def test_a_message_that_is_written_at_once_is_a_frame_of_its_length(size):
    payload = b"x" * size
    frame = _head(size) + payload
    assert frame == Frame(Opcode.TEXT, payload).serialize(mask=False)
