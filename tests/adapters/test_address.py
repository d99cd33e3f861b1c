"""A line dials what a client would dial."""

from __future__ import annotations

import asyncio

import pytest

from trunkline.adapters.address import Address, AddressedTransport, line_to
from trunkline.errors import ConfigError
from trunkline.protocol.dialect import Dialect
from trunkline.transports.base import Listener, Target
from trunkline.transports.memory import MemoryTransport

URL = "wss://example.test/proxy/v1/realtime?model=gpt-realtime-2.1&tenant=7"
BEARER = ("Authorization", "Bearer sk-test-123456789")


def line_of(url: str = URL, headers=(BEARER,), **options):
    async def ask() -> Address:
        return Address(url=url, headers=headers)

    return asyncio.run(line_to(ask, lambda _: None, {"transport": MemoryTransport(), **options}))


def test_an_address_tells_the_server_without_what_it_is_asked():
    address = Address(url=URL, headers=(BEARER,))
    assert address.base_url == "wss://example.test/proxy/v1"
    assert (address.model, address.asked("tenant"), address.asked("none")) == (
        "gpt-realtime-2.1",
        "7",
        None,
    )


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ((BEARER,), "sk-test-123456789"),
        ((("api-key", "azure-key-1"),), "azure-key-1"),
        ((("X-Other", "1"),), "none"),
    ],
)
def test_the_key_is_known_so_that_it_can_be_kept_out_of_what_is_told(headers, key):
    address = Address(url=URL, headers=headers)
    assert address.key == key
    assert "sk-test" not in repr(address)


def test_the_client_is_asked_before_every_dial_and_its_answer_is_dialed():
    async def scenario():
        count, inner = 0, MemoryTransport()

        async def ask() -> Address:
            nonlocal count
            count += 1
            return Address(url=f"{URL}&dial={count}", headers=((f"X-{count}", "1"),))

        transport = AddressedTransport(ask, await ask(), inner)
        listener = Listener(pong=lambda _: None, writable=lambda: None)
        for _ in range(2):
            await transport.key()
            await transport.dial(Target(url="wss://line.test"), listener)
        dialed = [(await inner.accept()).target for _ in range(2)]
        assert [one.url for one in dialed] == [f"{URL}&dial=1", f"{URL}&dial=2"]
        assert [one.headers for one in dialed] == [(("X-1", "1"),), (("X-2", "1"),)]

    asyncio.run(scenario())


def test_the_line_knows_model_and_dialect_and_keeps_its_options():
    line = line_of(name="desk 1")
    assert (line.config.model, line.config.name) == ("gpt-realtime-2.1", "desk 1")
    azure = "wss://n.openai.azure.com/openai/realtime?deployment=d&api-version=2025-04-01-preview"
    assert line_of(azure).config.policy.dialect is Dialect.BETA
    assert line_of(azure).config.model == "d"


def test_a_session_that_transcribes_is_known_by_its_address():
    line = line_of("wss://example.test/v1/realtime?intent=transcription")
    assert line.config.policy.session == {"type": "transcription"}


def test_a_call_that_others_hold_is_known_by_its_address():
    line = line_of("wss://example.test/v1/realtime?call_id=rtc_1")
    assert line.config.call_id == "rtc_1"
    assert line.config.policy.attached


def test_a_key_is_not_sent_in_the_clear_to_another_machine():
    with pytest.raises(ConfigError, match="base_url"):
        line_of("ws://example.test/v1/realtime?model=m")
