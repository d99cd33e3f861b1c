"""The official SDK, unchanged, on the servers that are not OpenAI's current one."""

from __future__ import annotations

import asyncio

import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI

from trunkline.simulator import SimulatorServer

PREVIEW = "2025-04-01-preview"


def client_of(server: SimulatorServer) -> AsyncOpenAI:
    sockets = f"ws{server.base_url.removeprefix('http')}"
    if server.profile.name == "azure-preview":
        return AsyncAzureOpenAI(
            api_key="test-1",
            azure_endpoint=server.base_url.removesuffix("/openai"),
            websocket_base_url=sockets,
            api_version=PREVIEW,
        )
    return AsyncOpenAI(api_key="test-1", base_url=server.base_url, websocket_base_url=sockets)


@pytest.mark.parametrize(
    ("profile", "delta", "item"),
    [
        ("azure-preview", "response.audio.delta", "conversation.item.created"),
        ("azure-ga", "response.output_audio.delta", "conversation.item.added"),
        ("xai", "response.output_audio.delta", "conversation.item.added"),
    ],
)
def test_a_turn_is_heard_to_its_end(profile, delta, item):
    async def test():
        seen = set()
        async with (
            SimulatorServer(profile=profile, voice="tone", pace=1000) as server,
            client_of(server) as client,
            client.realtime.connect(model="a-name") as connection,
        ):
            async for event in connection:
                seen.add(event.type)
                if event.type == "session.created":
                    content = [{"type": "input_text", "text": "hi"}]
                    message = {"type": "message", "role": "user", "content": content}
                    await connection.conversation.item.create(item=message)
                    await connection.response.create()
                elif event.type == "response.done":
                    break
            assert server.sessions[0].violations == []
        assert {delta, item} <= seen

    asyncio.run(asyncio.wait_for(test(), 20))
