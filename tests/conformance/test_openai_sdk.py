"""The official SDK, unchanged, talks to the simulator, and its typed models judge every event.

A real socket, no sleeping: the simulator answers a thousand times faster than real time. At the end of each
conversation the events that were judged are counted against those the server says it sent.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections import Counter
from contextlib import asynccontextmanager
from typing import Any

import openai
import pydantic
import pytest
from websockets.exceptions import ConnectionClosedError

from conformance.typed_models import judge
from trunkline.simulator import Scenario, SimulatorServer, Timing
from trunkline.simulator.recordings import recorded_turns

MODEL = "gpt-realtime-2.1"
FAST = Timing(pace=1000.0, response_delay=0.005, transcription_delay=0.005)
SLOW = Timing(pace=1.0, response_delay=0.005, transcription_delay=0.005)
"""Real time: a reply of seconds that a test can be sure to interrupt."""
QUIET = bytes(48 * 700)


class Caller:
    """The SDK's connection, with every event judged on its way in."""

    def __init__(self, connection) -> None:
        self.connection = connection
        self.events: list[dict[str, Any]] = []

    async def next(self) -> dict[str, Any]:
        event = json.loads(await self.connection.recv_bytes())
        judge(event)
        self.events.append(event)
        return event

    async def until(self, kind: str) -> dict[str, Any]:
        while (event := await self.next())["type"] != kind:
            pass
        return event

    async def done(self) -> dict[str, Any]:
        """The response at its end, its rate limits read as well."""
        event = await self.until("response.done")
        await self.until("rate_limits.updated")
        return event["response"]

    async def configure(self, **session: Any) -> dict[str, Any]:
        await self.connection.session.update(session={"type": "realtime", **session})
        return (await self.until("session.updated"))["session"]

    async def say(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), 9600):
            chunk = base64.b64encode(pcm[start : start + 9600]).decode()
            await self.connection.input_audio_buffer.append(audio=chunk)

    async def write(self, text: str) -> dict[str, Any]:
        await self.connection.conversation.item.create(
            item={
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": text}],
            }
        )
        return (await self.until("conversation.item.done"))["item"]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]


def sdk(server: SimulatorServer, key: str = "sk-test-conformance") -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        api_key=key,
        base_url=server.base_url,
        websocket_base_url=server.base_url.replace("http://", "ws://"),
    )


@asynccontextmanager
async def conversation(*, timing: Timing = FAST, scenario: Scenario | None = None):
    async with SimulatorServer(timing=timing, scenario=scenario) as server, sdk(server) as client:
        async with client.realtime.connect(model=MODEL) as connection:
            caller = Caller(connection)
            await caller.until("session.created")
            yield caller
        judged = Counter(caller.types())
        assert server.sessions[0].sent == judged, "an event was sent that nobody judged"


def run(test) -> None:
    asyncio.run(asyncio.wait_for(test, 10))


async def say_and_hear(caller: Caller, pcm: bytes) -> None:
    await caller.say(pcm)
    await caller.until("response.done")


def test_a_spoken_turn_is_heard_transcribed_and_answered_in_the_recorded_order():
    async def turn():
        async with conversation() as caller:
            await caller.configure(
                audio={"input": {"transcription": {"model": "gpt-4o-transcribe"}}}
            )
            spoken = recorded_turns()[0]
            await caller.say(spoken.caller_pcm + QUIET)
            response = await caller.done()
            if not caller.of("conversation.item.input_audio_transcription.completed"):
                await caller.until("conversation.item.input_audio_transcription.completed")
            ladder = [
                kind
                for kind in caller.types()
                if not kind.startswith("conversation.item.input_audio_transcription")
            ]
            assert list(dict.fromkeys(ladder)) == [
                "session.created",
                "session.updated",
                "input_audio_buffer.speech_started",
                "input_audio_buffer.speech_stopped",
                "input_audio_buffer.committed",
                "conversation.item.added",
                "conversation.item.done",
                "response.created",
                "response.output_item.added",
                "response.content_part.added",
                "response.output_audio_transcript.delta",
                "response.output_audio.delta",
                "response.output_audio.done",
                "response.output_audio_transcript.done",
                "response.content_part.done",
                "response.output_item.done",
                "response.done",
                "rate_limits.updated",
            ]
            deltas = caller.of("response.output_audio.delta")
            heard = b"".join(base64.b64decode(event["delta"]) for event in deltas)
            assert heard == spoken.reply_pcm
            said = caller.of("response.output_audio_transcript.delta")
            assert "".join(event["delta"] for event in said) == spoken.reply_text
            assert response["output"][0]["content"][0]["transcript"] == spoken.reply_text
            asked = caller.of("conversation.item.input_audio_transcription.completed")[0]
            assert asked["transcript"] == spoken.caller_text

    run(turn())


def test_one_item_id_goes_through_a_spoken_turn():
    async def turn():
        async with conversation() as caller:
            await caller.say(recorded_turns()[2].caller_pcm + QUIET)
            await caller.done()
            ids = {
                caller.of(kind)[0]["item_id"]
                for kind in (
                    "input_audio_buffer.speech_started",
                    "input_audio_buffer.speech_stopped",
                    "input_audio_buffer.committed",
                )
            }
            ids.add(caller.of("conversation.item.added")[0]["item"]["id"])
            assert len(ids) == 1
            assert caller.of("conversation.item.added")[1]["previous_item_id"] in ids

    run(turn())


def test_a_text_turn_is_answered_in_text():
    async def turn():
        async with conversation() as caller:
            await caller.configure(output_modalities=["text"])
            await caller.write(recorded_turns()[3].caller_text)
            await caller.connection.response.create()
            response = await caller.done()
            assert response["output"][0]["content"] == [
                {"type": "output_text", "text": recorded_turns()[3].reply_text}
            ]
            assert response["usage"]["output_token_details"]["audio_tokens"] == 0

    run(turn())


def test_manual_mode_answers_only_when_asked():
    async def turn():
        async with conversation() as caller:
            echoed = await caller.configure(audio={"input": {"turn_detection": None}})
            assert echoed["audio"]["input"]["turn_detection"] is None
            await caller.say(recorded_turns()[4].caller_pcm)
            await caller.connection.input_audio_buffer.commit()
            item = (await caller.until("conversation.item.done"))["item"]
            await caller.connection.response.create(response={"metadata": {"asked": "yes"}})
            response = await caller.done()
            assert response["metadata"] == {"asked": "yes"}
            assert response["output"][0]["content"][0]["transcript"].startswith("Muchas gracias")
            await caller.connection.conversation.item.retrieve(item_id=item["id"])
            kept = (await caller.until("conversation.item.retrieved"))["item"]["content"][0]
            assert base64.b64decode(kept["audio"]) == recorded_turns()[4].caller_pcm
            await caller.connection.input_audio_buffer.clear()
            await caller.until("input_audio_buffer.cleared")

    run(turn())


def test_a_cancelled_answer_can_be_truncated_retrieved_and_deleted():
    async def turn():
        async with conversation(timing=SLOW) as caller:
            await caller.write(recorded_turns()[0].caller_text)
            await caller.connection.response.create()
            await caller.until("response.output_audio.delta")
            await caller.connection.response.cancel()
            response = await caller.done()
            assert response["status"] == "cancelled"
            assert response["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
            item = response["output"][0]
            assert item["status"] == "incomplete"
            items = caller.connection.conversation.item
            await items.truncate(item_id=item["id"], content_index=0, audio_end_ms=120)
            await caller.until("conversation.item.truncated")
            await items.retrieve(item_id=item["id"])
            part = (await caller.until("conversation.item.retrieved"))["item"]["content"][0]
            assert len(base64.b64decode(part["audio"])) == 120 * 48
            assert part["transcript"] == ""
            await items.delete(item_id=item["id"])
            await caller.until("conversation.item.deleted")

    run(turn())


def test_speaking_into_an_answer_cancels_it():
    async def turn():
        async with conversation(timing=SLOW) as caller:
            await caller.write(recorded_turns()[0].caller_text)
            await caller.connection.response.create()
            await caller.until("response.output_audio.delta")
            await caller.say(recorded_turns()[1].caller_pcm)
            response = await caller.done()
            assert response["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
            types = caller.types()
            assert types.index("input_audio_buffer.speech_started") < types.index("response.done")

    run(turn())


def test_function_calls_of_the_history_are_taken_and_answered():
    async def turn():
        async with conversation() as caller:
            create = caller.connection.conversation.item.create
            call = {"type": "function_call", "name": "fare", "call_id": "call_1", "arguments": "{}"}
            await create(item=call)
            await caller.until("conversation.item.done")
            await create(item={"type": "function_call_output", "call_id": "call_1", "output": "12"})
            await caller.until("conversation.item.done")
            await caller.connection.response.create()
            assert (await caller.done())["status"] == "completed"

    run(turn())


def test_a_function_is_called_with_arguments_of_its_schema_and_its_output_answered():
    async def turn():
        async with conversation() as caller:
            seats = {"type": "integer", "minimum": 1}
            parameters = {"type": "object", "properties": {"seats": seats}, "required": ["seats"]}
            fare = {"type": "function", "name": "fare", "parameters": parameters}
            await caller.configure(tools=[fare], tool_choice={"type": "function", "name": "fare"})
            await caller.write("How much is it?")
            await caller.connection.response.create()
            (call,) = (await caller.done())["output"]
            assert (call["type"], call["name"]) == ("function_call", "fare")
            assert json.loads(call["arguments"])["seats"] >= 1
            output = {"type": "function_call_output", "call_id": call["call_id"], "output": "12"}
            await caller.connection.conversation.item.create(item=output)
            await caller.until("conversation.item.done")
            await caller.connection.response.create()
            (message,) = (await caller.done())["output"]
            assert message["content"][0]["transcript"]

    run(turn())


def test_a_long_answer_can_be_cancelled_in_its_middle():
    async def turn():
        async with conversation(timing=Timing(response_delay=0.005)) as caller:
            await caller.write("Count slowly to one hundred.")
            await caller.connection.response.create()
            await caller.until("response.output_audio.delta")
            await caller.until("response.output_audio.delta")
            await caller.connection.response.cancel()
            response = await caller.done()
            assert response["status"] == "cancelled"
            said = response["output"][0]["content"][0]["transcript"]
            assert said.startswith("One")
            assert len(said.split()) < 50

    run(turn())


def test_refusals_are_errors_that_leave_the_session_open():
    async def turn():
        async with conversation() as caller:
            connection = caller.connection
            await connection.input_audio_buffer.commit(event_id="evt_mine")
            error = (await caller.until("error"))["error"]
            assert error["code"] == "input_audio_buffer_commit_empty"
            assert error["event_id"] == "evt_mine"
            await connection.session.update(session={"type": "realtime", "temperature": 0.8})
            error = (await caller.until("error"))["error"]
            assert (error["code"], error["param"]) == ("unknown_parameter", "session.temperature")
            await connection.response.cancel()
            error = (await caller.until("error"))["error"]
            assert error["code"] == "response_cancel_not_active"
            await connection.conversation.item.delete(item_id="item_nowhere")
            error = (await caller.until("error"))["error"]
            assert error["code"] == "item_delete_invalid_item_id"
            await connection.output_audio_buffer.clear()
            assert (await caller.until("error"))["error"]["code"] == "invalid_value"
            await caller.write("still there?")

    run(turn())


def test_a_second_response_is_refused_while_one_is_running():
    async def turn():
        async with conversation(timing=SLOW) as caller:
            await caller.connection.response.create()
            created = (await caller.until("response.created"))["response"]
            await caller.connection.response.create()
            error = (await caller.until("error"))["error"]
            assert error["code"] == "conversation_already_has_active_response"
            assert created["id"] in error["message"]
            await caller.connection.response.cancel()
            await caller.done()

    run(turn())


def test_a_response_beside_the_conversation_leaves_no_trace_in_it():
    async def turn():
        async with conversation() as caller:
            await caller.connection.response.create(
                response={"conversation": "none", "input": [], "output_modalities": ["text"]}
            )
            response = await caller.done()
            assert response["conversation_id"] is None
            assert not caller.of("conversation.item.added")

    run(turn())


def test_a_client_secret_opens_sessions_with_its_configuration():
    async def turn():
        async with SimulatorServer(timing=FAST) as server, sdk(server) as client:
            secret = await client.realtime.client_secrets.create(
                expires_after={"anchor": "created_at", "seconds": 60},
                session={"type": "realtime", "model": MODEL, "instructions": "Translate."},
            )
            assert secret.value.startswith("ek_")
            assert secret.session.expires_at == 0
            for _ in range(2):
                async with (
                    sdk(server, secret.value) as guest,
                    guest.realtime.connect(model=MODEL) as connection,
                ):
                    created = await Caller(connection).until("session.created")
                    assert created["session"]["instructions"] == "Translate."

    run(turn())


def test_a_key_that_could_be_real_is_told_so_and_sent_away():
    async def turn():
        async with SimulatorServer() as server, sdk(server, "sk-proj-abcdefgh") as client:
            async with client.realtime.connect(model=MODEL) as connection:
                error = (await Caller(connection).until("error"))["error"]
                assert error["code"] == "invalid_api_key"
                with pytest.raises(ConnectionClosedError) as closed:
                    await connection.recv_bytes()
                assert closed.value.rcvd.code == 3000
                assert closed.value.rcvd.reason == "invalid_request_error.invalid_api_key"
            with pytest.raises(openai.AuthenticationError) as refused:
                await client.realtime.client_secrets.create()
            assert refused.value.code == "invalid_api_key"
            assert "abcdefgh" not in str(refused.value)

    run(turn())


def test_faults_reach_the_sdk_as_the_network_would_bring_them():
    async def turn():
        faults = [
            {"when": {"appended_ms": 500}, "action": "rst"},
            {"when": {"reply": 1, "ms": 400}, "action": "close", "code": 1011, "reason": "broken"},
        ]
        scenario = Scenario.from_dict({"faults": faults})
        async with SimulatorServer(timing=FAST, scenario=scenario) as server, sdk(server) as client:
            async with client.realtime.connect(model=MODEL) as connection:
                # The reset may meet the caller as it sends, or as it reads.
                with pytest.raises(ConnectionClosedError) as lost:
                    await say_and_hear(Caller(connection), recorded_turns()[0].caller_pcm)
                assert isinstance(lost.value.__cause__, ConnectionResetError)
            async with client.realtime.connect(model=MODEL) as connection:
                caller = Caller(connection)
                await caller.say(recorded_turns()[0].caller_pcm + QUIET)
                with pytest.raises(ConnectionClosedError) as closed:
                    await caller.until("response.done")
                assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1011, "broken")
            assert [session.ending.by for session in server.sessions] == ["fault", "fault"]
            assert len(server.faults_happened) == 2

    run(turn())


def test_the_judge_finds_what_is_wrong():
    good = {"type": "input_audio_buffer.cleared", "event_id": "event_1"}
    judge(good)
    with pytest.raises(AssertionError):
        judge(good | {"surprise": 1})
    with pytest.raises(pydantic.ValidationError):
        judge({"type": "input_audio_buffer.cleared"})
    with pytest.raises(KeyError):
        judge(good | {"type": "no.such.event"})


def test_the_port_is_free_again_after_the_server():
    async def start_and_stop() -> int:
        async with SimulatorServer() as server:
            return server.port

    port = asyncio.run(start_and_stop())
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
