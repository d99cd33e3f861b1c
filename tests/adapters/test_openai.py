"""The official SDK's connection over a line: the same to a program, and it goes on over drops."""

from __future__ import annotations

import asyncio
import base64
import importlib
import inspect
import ssl
import sys

import openai
import pytest
from openai.resources.realtime.realtime import (
    AsyncRealtime,
    AsyncRealtimeConnection,
    AsyncRealtimeConnectionManager,
)
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

from client.serving import QUICK
from trunkline.adapters import openai as adapter
from trunkline.errors import ConfigError, LineFailed
from trunkline.protocol import events
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.policy import LinePolicy
from trunkline.simulator import Scenario, SimulatorServer, Timing
from trunkline.simulator.recordings import recorded_turns
from trunkline.transports.websocket import WebSocketTransport

MODEL = "gpt-realtime-2.1"
FAST = Timing(pace=1000.0, response_delay=0.005, transcription_delay=0.005)
BRISK = Timing(pace=20.0, response_delay=0.005, transcription_delay=0.005)
"""An answer of seconds takes a tenth of one: it can be broken in its middle."""
SLOW = Timing(pace=4.0, response_delay=0.005, transcription_delay=0.005)
QUIET = bytes(48 * 700)
FARE = {
    "type": "function",
    "name": "fare",
    "parameters": {"type": "object", "properties": {}, "required": []},
}
HELLO = {
    "type": "message",
    "role": "user",
    "content": [{"type": "input_text", "text": "Hello there."}],
}


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 20))


def sdk(server: SimulatorServer, **settings) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        **{"api_key": "sk-test-adapter", "base_url": server.base_url} | settings
    )


def serving(*faults: dict, timing: Timing = BRISK) -> SimulatorServer:
    return SimulatorServer(timing=timing, scenario=Scenario.from_dict({"faults": list(faults)}))


def over_a_line(server: SimulatorServer, **settings):
    client = settings.pop("client", None) or sdk(server)
    # A budget of its own: the tests of one process drop more links than a process should.
    patience = {"policy": LinePolicy(backoff=QUICK), "budget": RetryBudget(size=1000.0)}
    return adapter.connect(client, model=MODEL, **(patience | settings))


async def until(connection, *kinds: str) -> list:
    """The events up to the one by which all of those types have come."""
    seen = []
    async for event in connection:
        seen.append(event)
        if {one.type for one in seen}.issuperset(kinds):
            return seen
    raise AssertionError(f"no {kinds} came, only {[event.type for event in seen]}")


def of(seen: list, kind: str) -> list:
    return [event for event in seen if event.type == kind]


async def say(connection, pcm: bytes) -> None:
    for start in range(0, len(pcm), 9600):
        chunk = base64.b64encode(pcm[start : start + 9600]).decode()
        await connection.input_audio_buffer.append(audio=chunk)


# The same to whoever holds it.


def public(kind: type) -> dict:
    return {
        name: inspect.signature(value) if callable(value) else value
        for name, value in inspect.getmembers(kind)
        if not name.startswith("_")
    }


def test_the_connection_has_what_the_sdks_has_with_the_same_parameters():
    theirs, ours = public(AsyncRealtimeConnection), public(adapter.Connection)
    assert {"recv", "recv_bytes", "send", "parse_event", "close", "on", "dispatch_events"} <= set(
        theirs
    )
    assert {name: ours.get(name) for name in theirs} == theirs
    assert set(ours) - set(theirs) == {"line"}


def test_the_connection_has_the_sdks_own_resources():
    async def scenario():
        async with (
            serving(timing=FAST) as server,
            sdk(server).realtime.connect(model=MODEL) as theirs,
            over_a_line(server) as ours,
        ):
            for name in AsyncRealtimeConnection.__annotations__:
                if not name.startswith("_"):
                    assert type(getattr(ours, name)) is type(getattr(theirs, name))

    run(scenario())


def test_it_is_connected_with_all_that_the_sdk_takes():
    theirs = inspect.signature(AsyncRealtime.connect).parameters
    assert set(theirs) - {"self"} <= set(inspect.signature(adapter.connect).parameters)
    manager = {name for name in public(AsyncRealtimeConnectionManager) if name != "enter"}
    assert manager <= set(public(adapter.ConnectionManager))


async def program(connection) -> list:
    """A spoken turn, a written one, and what else there is; it knows nothing of lines."""
    seen = await until(connection, "session.created")
    await connection.session.update(
        session={
            "type": "realtime",
            "instructions": "Be kind.",
            "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}},
        },
        event_id="mine_1",
    )
    seen += await until(connection, "session.updated")
    await say(connection, recorded_turns()[0].caller_pcm + QUIET)
    transcribed = "conversation.item.input_audio_transcription.completed"
    seen += await until(connection, "rate_limits.updated", transcribed)
    await connection.conversation.item.create(item={"id": "my_item", **HELLO})
    await connection.response.create(response={"output_modalities": ["text"]})
    seen += await until(connection, "rate_limits.updated")
    await connection.conversation.item.delete(item_id="my_item")
    seen += await until(connection, "conversation.item.deleted")
    await connection.conversation.item.retrieve(item_id="no_such_item", event_id="mine_2")
    seen += await until(connection, "error")
    await connection.input_audio_buffer.clear()
    return seen + await until(connection, "input_audio_buffer.cleared")


class Namer:
    """Calls what a server made up (names, times) by the order in which it came."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def plain(self, value, key=""):
        if isinstance(value, dict):
            return {k: self.plain(v, k) for k, v in value.items() if k not in IGNORED}
        if isinstance(value, list):
            return [self.plain(one, key) for one in value]
        if isinstance(value, str) and (key == "id" or key.endswith("_id")):
            return self.names.setdefault(value, f"{key} {len(self.names)}")
        return value


IGNORED = {"event_id", "obfuscation", "expires_at", "reset_seconds", "logprobs", "remaining"}
# Where in the stream of audio a server hears something depends on how it was cut into appends.
IGNORED |= {"audio_start_ms", "audio_end_ms"}


def comparable(seen: list) -> tuple[list, dict]:
    """What happened, and the parts that come when they come: a user's words beside the answer."""
    namer = Namer()
    plain = [(type(event).__name__, namer.plain(event.to_dict())) for event in seen]
    aside = "ConversationItemInputAudioTranscription"
    return (
        [one for one in plain if not one[0].startswith(aside)],
        {name for name, _ in plain if name.startswith(aside)},
    )


def test_a_program_sees_the_same_events_as_with_the_sdk_alone():
    async def scenario():
        results = []
        for is_ours in (False, True):
            async with serving(timing=FAST) as server, sdk(server) as client:
                plain = client.realtime.connect(model=MODEL)
                async with over_a_line(server) if is_ours else plain as connection:
                    results.append(comparable(await program(connection)))
                (session,) = server.sessions
                assert [one.code for one in session.violations] == ["item_retrieve_invalid_item_id"]
                assert session.ending.code == 1000
        (theirs, their_words), (ours, our_words) = results
        assert [name for name, _ in ours] == [name for name, _ in theirs]
        assert ours == theirs
        assert our_words == their_words

    run(scenario())


def test_handlers_and_messages_from_before_the_connection_are_served():
    async def scenario():
        async with serving(timing=FAST) as server:
            manager, seen = over_a_line(server), []
            manager.on("session.updated", lambda event: seen.append(event.type))
            manager.once("event", lambda event: seen.append(f"once {event.type}"))
            manager.send({"type": "session.update", "session": {"type": "realtime"}})
            connection = await manager.enter()

            @connection.on("session.updated")
            async def end(_event):
                await connection.close()

            await connection.dispatch_events()
            assert seen == ["once session.created", "session.updated"]
            with pytest.raises(ConnectionClosedOK):
                await connection.recv()

    run(scenario())


# Over drops.


def test_an_answer_that_breaks_off_is_ended_and_given_again_in_one_session():
    async def scenario():
        told = []
        async with serving({"when": {"reply": 1, "ms": 400}, "action": "rst"}) as server:
            async with over_a_line(server, on_line=told.append) as connection:
                await say(connection, recorded_turns()[0].caller_pcm + QUIET)
                seen = await until(connection, "response.done")
                seen += await until(connection, "response.done")
                assert connection.line.epoch == 2
                assert connection.line.books().gap == 0
            assert [one.violations for one in server.sessions] == [[], []]
        assert len(of(seen, "session.created")) == 1
        broken, whole = of(seen, "response.done")
        assert (broken.response.status, whole.response.status) == ("cancelled", "completed")
        assert broken.response.output[0].status == "incomplete"
        created = [event.response.id for event in of(seen, "response.created")]
        assert created == [broken.response.id, whole.response.id]
        kinds = [type(one) for one in told]
        assert kinds.index(events.LineDropped) < kinds.index(events.Interrupted)
        assert kinds[-1] is events.LineLive

    run(scenario())


def test_settings_that_are_asked_for_in_an_outage_are_confirmed_after_it():
    async def scenario():
        async with serving({"when": {"appended_ms": 100}, "action": "rst"}, timing=FAST) as server:
            told = asyncio.Event()

            def tell(event):
                if isinstance(event, events.LineDropped):
                    told.set()

            async with over_a_line(server, on_line=tell) as connection:
                await until(connection, "session.created")
                await say(connection, bytes(9600))
                reading = asyncio.create_task(until(connection, "session.updated"))
                await told.wait()
                await connection.session.update(
                    session={"type": "realtime", "instructions": "Be brief."}
                )
                (updated,) = await reading
                assert updated.session.instructions == "Be brief."
                assert updated.session.audio.input.turn_detection.create_response is True

    run(scenario())


@pytest.mark.parametrize(
    "moment",
    ["response.function_call_arguments.done", "response.output_item.done", "response.done"],
)
def test_a_function_is_called_once_whenever_the_link_breaks(moment):
    async def scenario():
        fault = {"when": {"event": moment}, "action": "rst"}
        async with serving(fault, timing=FAST) as server:
            calls = []
            async with over_a_line(server) as connection:
                choice = {"type": "function", "name": "fare"}
                session = {"type": "realtime", "tools": [FARE], "tool_choice": choice}
                await connection.session.update(session=session)
                await connection.conversation.item.create(item=HELLO)
                await connection.response.create()
                async for event in connection:
                    if event.type == "response.function_call_arguments.done":
                        calls.append(event.call_id)
                        output = {"type": "function_call_output", "output": "12"}
                        await connection.conversation.item.create(
                            item={**output, "call_id": event.call_id}
                        )
                        await connection.session.update(
                            session={"type": "realtime", "tool_choice": "none"}
                        )
                        await connection.response.create()
                    if event.type == "response.output_audio.done":
                        break
            assert len(calls) == 1
            outputs = [item for item in server.sessions[-1].items if "output" in item.kind]
            assert len(outputs) == 1

    run(scenario())


def test_items_keep_their_names_and_can_be_asked_for_over_a_drop():
    async def scenario():
        fault = {"when": {"appended_ms": 100}, "action": "rst"}
        async with serving(fault, timing=FAST) as server, over_a_line(server) as connection:
            await connection.conversation.item.create(item={"id": "my_item", **HELLO})
            await until(connection, "conversation.item.done")
            await say(connection, bytes(9600))
            # It goes down with the link, and is asked again in the session after it.
            await connection.conversation.item.retrieve(item_id="my_item")
            seen = await until(connection, "conversation.item.retrieved")
            assert connection.line.epoch == 2
            assert not of(seen, "error")
            assert seen[-1].item.id == "my_item"
            assert seen[-1].item.content[0].text == "Hello there."

    run(scenario())


def test_a_session_is_exchanged_unseen():
    async def scenario():
        async with serving(timing=FAST) as server, over_a_line(server) as connection:
            item = connection.conversation.item
            session = {"type": "realtime", "output_modalities": ["text"]}
            await connection.session.update(session=session)
            await item.create(item={"id": "my_item", **HELLO})
            await connection.response.create()
            seen = await until(connection, "rate_limits.updated")
            answer = of(seen, "response.done")[0].response.output[0]
            await connection.line.rotate(within=0.1)
            await item.create(item=HELLO)
            await connection.response.create()
            await item.retrieve(item_id=answer.id)
            seen += await until(connection, "response.done", "conversation.item.retrieved")
            assert len(server.sessions) == 2
        assert len(of(seen, "session.created")) == len(of(seen, "session.updated")) == 1
        assert not of(seen, "error")
        (retrieved,) = of(seen, "conversation.item.retrieved")
        assert (retrieved.item.id, retrieved.item.role) == (answer.id, "assistant")
        added = [event.item.id for event in of(seen, "conversation.item.added")]
        behind = [event.previous_item_id for event in of(seen, "conversation.item.added")]
        # What was restored is not told again, and what is new stands behind a name that was.
        assert len(set(added)) == len(added) == 4
        assert behind[2] == answer.id

    run(scenario())


def test_a_line_that_knows_what_was_played_cuts_an_answer_once():
    async def scenario():
        async with serving(timing=SLOW) as server, over_a_line(server) as connection:
            await say(connection, recorded_turns()[0].caller_pcm + QUIET)
            seen = await until(connection, "response.output_audio.delta")
            item_id = seen[-1].item_id
            connection.line.played(item_id, 24 * 150)
            await say(connection, recorded_turns()[1].caller_pcm[: 48 * 900])
            await until(connection, "input_audio_buffer.speech_started")
            await connection.conversation.item.truncate(
                item_id=item_id, content_index=0, audio_end_ms=150
            )
            await until(connection, "conversation.item.truncated")
            (session,) = server.sessions
            assert [one.audio_end_ms for one in session.truncations] == [150]

    run(scenario())


def test_a_response_beside_the_conversation_that_went_down_is_an_error_that_names_the_request():
    async def scenario():
        fault = {"when": {"event": "response.created"}, "action": "rst"}
        async with serving(fault, timing=FAST) as server, over_a_line(server) as connection:
            aside = {"conversation": "none", "input": [], "output_modalities": ["text"]}
            await connection.response.create(response=aside, event_id="mine")
            lost = (await until(connection, "error"))[-1].error
            assert (lost.code, lost.event_id) == ("request_lost", "mine")

    run(scenario())


def test_a_telephone_is_answered_in_its_own_coding():
    async def scenario():
        law = {"format": {"type": "audio/pcmu"}}
        session = {"type": "realtime", "audio": {"input": law, "output": law}}
        fault = {"when": {"event": "response.output_audio.delta", "count": 2}, "action": "rst"}
        async with serving(fault) as server:
            settings = {"policy": LinePolicy(session=session, rate_hz=8_000, backoff=QUICK)}
            async with over_a_line(server, **settings) as connection:
                codes = base64.b64encode(bytes([255]) * 1600).decode()
                await connection.input_audio_buffer.append(audio=codes)
                await connection.conversation.item.create(item=HELLO)
                await connection.response.create()
                seen = await until(connection, "response.done")
                seen += await until(connection, "response.done")
                wrong = {"input": {"format": {"type": "audio/pcm", "rate": 24000}}}
                with pytest.raises(ConfigError, match="format"):
                    await connection.session.update(session={"type": "realtime", "audio": wrong})
            assert [one.violations for one in server.sessions] == [[], []]
        whole = of(seen, "response.done")[-1].response.output[0].id
        heard = [one for one in of(seen, "response.output_audio.delta") if one.item_id == whole]
        # A code is a byte: half of what samples take.
        assert sum(len(base64.b64decode(one.delta)) for one in heard) > 0
        assert {len(base64.b64decode(one.delta)) for one in heard[:-1]} == {8 * FAST.delta_ms}

    run(scenario())


def test_whoever_asks_is_told_of_attempts_and_may_stop_them():
    async def scenario():
        told = []

        def on_reconnecting(event):
            told.append((event.attempt, event.close_code))
            return {"abort": True}

        fault = {"when": {"appended_ms": 100}, "action": "close", "code": 1012}
        async with serving(fault, timing=FAST) as server:
            async with over_a_line(server, on_reconnecting=on_reconnecting) as connection:
                await say(connection, bytes(9600))
                with pytest.raises(ConnectionClosedError) as ended:
                    await until(connection, "response.done")
                assert ended.value.rcvd.code == 1012
            assert len(server.sessions) == 1
        assert told == [(1, 1012)]

    run(scenario())


# Where and as whom.


def test_the_client_is_asked_before_every_dial_and_whoever_is_told_may_change_the_next():
    async def scenario():
        asked, told, dialed = [], [], []

        async def key() -> str:
            asked.append(f"sk-test-key-{len(asked)}")
            return asked[-1]

        def on_reconnecting(event):
            told.append((event.extra_query, event.extra_headers))
            return {"extra_query": {"tenant": "8"}}

        class Dialing(WebSocketTransport):
            async def dial(self, target, listener):
                dialed.append((target.url.partition("?")[2], dict(target.headers)))
                return await super().dial(target, listener)

        async with (
            serving({"when": {"appended_ms": 100}, "action": "rst"}, timing=FAST) as server,
            over_a_line(
                server,
                client=sdk(server, api_key=key),
                transport=Dialing(),
                on_reconnecting=on_reconnecting,
                extra_query={"tenant": "7"},
                extra_headers={"X-Call": "1"},
            ) as connection,
        ):
            await say(connection, bytes(9600))
            await connection.conversation.item.create(item=HELLO)
            await connection.response.create()
            await until(connection, "response.done")
        assert told == [({"tenant": "7"}, {"X-Call": "1"})]
        assert [query for query, _ in dialed] == [f"model={MODEL}&tenant={one}" for one in (7, 8)]
        assert [one["Authorization"] for _, one in dialed] == [f"Bearer {one}" for one in asked]
        assert {one["X-Call"] for _, one in dialed} == {"1"}

    run(scenario())


def test_an_address_is_put_together_as_the_sdk_does():
    async def scenario():
        client = openai.AsyncOpenAI(
            api_key="sk-test-1",
            organization="org-1",
            websocket_base_url="wss://example.test/ws?fixed=1",
        )
        manager = adapter.connect(
            client, model="m", extra_query={"tenant": "7"}, extra_headers={"X-Call": "1"}
        )
        address = await manager._address()
        assert address.url == "wss://example.test/ws/realtime?fixed=1&model=m&tenant=7"
        shown = {name.lower(): value for name, value in address.headers}
        assert shown["authorization"] == "Bearer sk-test-1"
        assert (shown["openai-organization"], shown["x-call"]) == ("org-1", "1")

    run(scenario())


def test_a_call_that_others_hold_is_named_in_the_address():
    client = openai.AsyncOpenAI(api_key="sk-test-1")
    address = run(adapter.connect(client, call_id="rtc_1")._address())
    assert address.url == "wss://api.openai.com/v1/realtime?call_id=rtc_1"


def test_a_session_that_only_transcribes_is_one_over_a_drop():
    async def scenario():
        fault = {"when": {"utterance": 1, "ms": 300}, "action": "rst"}
        words = "conversation.item.input_audio_transcription.completed"
        async with serving(fault, timing=FAST) as server:
            asked = {"intent": "transcription"}
            client = sdk(server)
            patience = {"policy": LinePolicy(session={"type": "transcription"}, backoff=QUICK)}
            async with adapter.connect(client, extra_query=asked, **patience) as connection:
                seen = await until(connection, "session.created")
                assert seen[0].session.type == "transcription"
                whisper = {"transcription": {"model": "gpt-4o-transcribe"}}
                await connection.session.update(
                    session={"type": "transcription", "audio": {"input": whisper}}
                )
                await say(connection, recorded_turns()[0].caller_pcm + QUIET)
                seen = await until(connection, words)
                assert seen[-1].transcript == recorded_turns()[0].caller_text
            assert len(server.sessions) == 2

    run(scenario())


def test_azure_is_dialed_as_azure_wants_it():
    client = openai.AsyncAzureOpenAI(
        api_key="azure-key-1", azure_endpoint="https://n.openai.azure.com", api_version="2025-04-01"
    )
    address = run(adapter.connect(client, model="voice")._address())
    assert address.url == (
        "wss://n.openai.azure.com/openai/realtime?api-version=2025-04-01&deployment=voice"
    )
    assert ("api-key", "azure-key-1") in address.headers
    with pytest.raises(openai.OpenAIError, match="model"):
        run(adapter.connect(client)._address())


def test_certificates_of_the_clients_own_are_trusted_and_other_options_of_a_socket_refused():
    client, context = openai.AsyncOpenAI(api_key="sk-test-1"), ssl.create_default_context()
    taken = {"ssl": context, "max_size": None, "ping_interval": 20}
    manager = adapter.connect(client, model=MODEL, websocket_connection_options=taken)
    assert manager._options["transport"]._given_tls is context
    with pytest.raises(ConfigError, match=r"websocket_connection_options\.proxy"):
        adapter.connect(client, model=MODEL, websocket_connection_options={"proxy": "http://p"})


def test_a_refused_key_ends_it_at_once_with_what_the_server_said():
    async def scenario():
        async with serving() as server:
            with pytest.raises(ConnectionClosedError) as refused:
                await over_a_line(server, client=sdk(server, api_key="sk-proj-abcdefgh")).enter()
            assert refused.value.rcvd.code == 3000
            assert isinstance(refused.value.__cause__, LineFailed)
            assert "abcdefgh" not in str(refused.value.__cause__)
            assert len(server.dials) == 1

    run(scenario())


def test_a_client_of_the_other_kind_is_refused_with_the_right_one():
    with pytest.raises(ConfigError, match="AsyncOpenAI"):
        adapter.connect(openai.OpenAI(api_key="sk-test-1"), model=MODEL)


def test_without_the_sdk_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    monkeypatch.delitem(sys.modules, "trunkline.adapters.openai")
    with pytest.raises(ImportError, match=r"pip install 'trunkline\[openai\]'"):
        importlib.import_module("trunkline.adapters.openai")
