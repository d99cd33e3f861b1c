from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from simulator.dialling import FAST, KEY, address, run, send, until
from simulator.sitting import append, loud, quiet
from trunkline.errors import ConfigError
from trunkline.simulator.profiles import PROFILES, profile_named
from trunkline.simulator.server import SimulatorServer

PATHS = {
    "openai-ga": "/v1/realtime?model=gpt-realtime",
    "openai-beta": "/v1/realtime?model=gpt-4o-realtime-preview",
    "azure-ga": "/openai/v1/realtime?model=my-deployment",
    "azure-preview": "/openai/realtime?api-version=2025-04-01-preview&deployment=my-deployment",
    "xai": "/v1/realtime?model=grok-voice-latest",
}
BETA = {"OpenAI-Beta": "realtime=v1"}


@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_serves_at_its_own_path(name):
    async def test():
        async with SimulatorServer(profile=name) as server:
            url = f"ws://127.0.0.1:{server.port}{PATHS[name]}"
            assert url.startswith(f"ws{server.base_url.removeprefix('http')}/realtime")
            async with connect(url, additional_headers=KEY) as ws:
                assert (await until(ws, "session.created"))["session"]["model"] in url

    run(test())


def test_azure_takes_its_own_key_forms_and_refuses_by_status():
    async def test():
        async with SimulatorServer(profile="azure-ga") as server:
            url = f"ws://127.0.0.1:{server.port}{PATHS['azure-ga']}"
            async with connect(url, additional_headers={"api-key": "test-1"}) as ws:
                await until(ws, "session.created")
            async with connect(f"{url}&api-key=test-1") as ws:
                await until(ws, "session.created")
            with pytest.raises(InvalidStatus) as refused:
                async with connect(url, additional_headers={"api-key": "real"}):
                    pass
            assert refused.value.response.status_code == 401

    run(test())


def test_openai_does_not_take_the_key_of_azure():
    async def test():
        async with SimulatorServer(gateway=True) as server:
            with pytest.raises(InvalidStatus):
                async with connect(address(server), additional_headers={"api-key": "test-1"}):
                    pass

    run(test())


def test_a_whole_turn_in_the_beta_shape():
    async def test():
        async with SimulatorServer(profile="openai-beta", voice="tone", timing=FAST) as server:
            url = f"ws://127.0.0.1:{server.port}{PATHS['openai-beta']}"
            async with connect(url, additional_headers=KEY | BETA) as ws:
                seen = [await until(ws, "session.created"), await until(ws, "conversation.created")]
                assert seen[0]["session"]["modalities"] == ["audio", "text"]
                assert seen[0]["session"]["input_audio_format"] == "pcm16"
                detection = {"type": "server_vad", "silence_duration_ms": 300}
                session = {"voice": "ash", "turn_detection": detection, "temperature": 0.7}
                await send(ws, {"type": "session.update", "session": session})
                updated = (await until(ws, "session.updated"))["session"]
                assert (updated["voice"], updated["temperature"]) == ("ash", 0.7)
                await send(ws, append(loud(300) + quiet(700)))
                created = await until(ws, "conversation.item.created")
                assert created["item"]["role"] == "user"
                await until(ws, "response.created")
                limits = (await until(ws, "rate_limits.updated"))["rate_limits"]
                assert [limit["name"] for limit in limits] == ["requests", "tokens"]
                await until(ws, "response.audio.delta")
                done = (await until(ws, "response.done"))["response"]
                assert done["output"][0]["content"][0]["type"] == "audio"
                assert done["modalities"] == ["audio", "text"]

    run(test())


def test_a_resumed_conversation_of_xai_is_told_before_the_first_update():
    async def test():
        async with SimulatorServer(profile="xai", voice="tone", timing=FAST) as server:
            url = f"ws://127.0.0.1:{server.port}{PATHS['xai']}"
            session = {"type": "realtime", "resumption": {"enabled": True}}
            update = {"type": "session.update", "session": session}
            async with connect(url, additional_headers=KEY) as ws:
                created = await until(ws, "conversation.created")
                conversation = created["conversation"]["id"]
                await send(ws, update)
                assert (await until(ws, "session.updated"))["session"]["resumption"] == {
                    "enabled": True
                }
                await send(ws, append(loud(300) + quiet(700)))
                started = await until(ws, "input_audio_buffer.speech_started")
                early = await until(ws, "conversation.item.added")
                assert early["item"]["id"] == started["item_id"]
                assert (await until(ws, "response.output_audio.delta"))["audio_duration_ms"] == 200
                done = await until(ws, "response.done")
                assert done["usage"]["total_tokens"] > 0
                assert "usage" not in done["response"]
            while not server.sessions[0].ending:
                await asyncio.sleep(0)
            async with connect(
                f"{url}&conversation_id={conversation}", additional_headers=KEY
            ) as ws:
                await send(ws, update)
                told = []
                while not told or told[-1] != "session.updated":
                    told.append((await next_event(ws))["type"])
                added = ["conversation.item.added"] * 2
                assert told == [
                    "session.created",
                    "conversation.created",
                    *added,
                    "session.updated",
                ]

    run(test())


async def next_event(ws):
    import json

    return json.loads(await ws.recv())


def test_an_unknown_profile_is_named():
    with pytest.raises(ConfigError, match="openai-ga"):
        profile_named("gemini")


@pytest.mark.parametrize(
    ("name", "told"), [("azure-ga", "session.updated"), ("openai-ga", "error")]
)
def test_a_transcription_model_may_have_a_deployments_name_where_there_are_deployments(name, told):
    transcription = {"model": "my-whisper", "prompt": "names"}
    session = {"type": "realtime", "audio": {"input": {"transcription": transcription}}}

    async def test():
        async with SimulatorServer(profile=name, timing=FAST) as server:
            url = f"ws://127.0.0.1:{server.port}{PATHS[name]}"
            async with connect(url, additional_headers=KEY) as ws:
                await until(ws, "session.created")
                await send(ws, {"type": "session.update", "session": session})
                assert (await until(ws, told))["type"] == told
                if told == "error":
                    return
                await send(ws, append(loud(1000)))
                await send(ws, {"type": "input_audio_buffer.commit"})
                await until(ws, "conversation.item.input_audio_transcription.completed")

    run(test())
