"""openai-agents' realtime sessions over a line; with the real package, which `make adapters` installs."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import sys
from collections import Counter

import pytest

from client.serving import QUICK
from trunkline.errors import LocalError
from trunkline.protocol import events
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.policy import LinePolicy
from trunkline.simulator import Scenario, SimulatorServer, Timing
from trunkline.simulator.recordings import recorded_turns

try:
    from agents import function_tool, set_tracing_disabled
    from agents.realtime import (
        RealtimeAgent,
        RealtimeModelSendRawMessage,
        RealtimePlaybackTracker,
        RealtimeRunner,
        realtime_handoff,
    )
except ImportError:
    IS_HERE = False
else:
    IS_HERE = True
    from trunkline.adapters.agents import TrunklineModel

    set_tracing_disabled(True)

real = pytest.mark.skipif(
    not IS_HERE,
    reason="NOT PROVEN: that openai-agents runs over a line; make adapters",
)
MODEL = "gpt-realtime-2.1"
BRISK = Timing(pace=20.0, response_delay=0.005, transcription_delay=0.005)
SLOW = Timing(pace=4.0, response_delay=0.005, transcription_delay=0.005)
QUIET = bytes(48 * 900)
DETECTION = {"type": "server_vad", "silence_duration_ms": 500}
SETTINGS = {
    "model_name": MODEL,
    "audio": {"input": {"turn_detection": DETECTION}, "output": {"voice": "marin"}},
}


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 30))


def serving(*faults: dict, timing: Timing = BRISK) -> SimulatorServer:
    return SimulatorServer(timing=timing, scenario=Scenario.from_dict({"faults": list(faults)}))


def agent(**settings):
    return RealtimeAgent(name="Clerk", instructions="Answer briefly.", **settings)


class Desk:
    """A session of the Agents SDK, and all that it told."""

    def __init__(self, server: SimulatorServer, who, *, settings=None, **config) -> None:
        self.told: list[object] = []
        self.seen: list = []
        self.model = TrunklineModel(
            on_line=self.told.append,
            policy=LinePolicy(backoff=QUICK),
            budget=RetryBudget(size=1000.0),
        )
        self.runner = RealtimeRunner(
            starting_agent=who,
            model=self.model,
            config={"model_settings": SETTINGS | (settings or {}), "tracing_disabled": True},
        )
        url = server.base_url.replace("http", "ws", 1) + f"/realtime?model={MODEL}"
        self.config = {"url": url, "api_key": "sk-test-agents", **config}

    async def __aenter__(self):
        self.session = await self.runner.run(model_config=self.config)
        await self.session.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self.session.__aexit__(*error)

    async def say(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), 9600):
            await self.session.send_audio(pcm[start : start + 9600])

    async def make_it_call(self, name: str) -> None:
        """Asks for an answer that calls that function."""
        response = {"tool_choice": {"type": "function", "name": name}}
        request = {"type": "response.create", "other_data": {"response": response}}
        await self.model.send_event(RealtimeModelSendRawMessage(message=request))

    async def until(self, kind: str, count: int = 1) -> None:
        """Reads on until so many events of that type have come since the session began."""
        while self.count(kind) < count:
            self.seen.append(await anext(self.events))

    @property
    def events(self):
        self._events = getattr(self, "_events", None) or aiter(self.session)
        return self._events

    def count(self, kind: str) -> int:
        return Counter(event.type for event in self.seen)[kind]

    def raw(self, kind: str) -> list:
        """What the model told, of that type."""
        raw = (one.data for one in self.seen if one.type == "raw_model_event")
        return [one for one in raw if one.type == kind]


@real
def test_a_spoken_turn_is_answered_with_audio_and_transcript():
    async def scenario():
        async with serving() as server:
            async with Desk(server, agent()) as desk:
                turn = recorded_turns()[0]
                await desk.say(turn.caller_pcm + QUIET)
                await desk.until("agent_end")
                audio = b"".join(one.audio.data for one in desk.seen if one.type == "audio")
                assert audio == turn.reply_pcm
                words = "".join(one.delta for one in desk.raw("transcript_delta"))
                assert words == turn.reply_text
                assert not desk.count("error")
            (session,) = server.sessions
            assert session.violations == []
            assert session.updates[-1]["instructions"] == "Answer briefly."
            assert session.ending.code == 1000

    run(scenario())


@real
def test_an_answer_that_breaks_off_is_interrupted_and_given_again():
    async def scenario():
        async with serving({"when": {"reply": 1, "ms": 400}, "action": "rst"}) as server:
            async with Desk(server, agent()) as desk:
                await desk.say(recorded_turns()[0].caller_pcm + QUIET)
                await desk.until("agent_end", 2)
                assert desk.count("audio_interrupted") == 1
                assert desk.count("error") == 0
                status = [one.status for one in desk.raw("connection_status")]
                assert status == ["connected", "connecting", "connected"]
                answers = [item for item in desk.session._history if item.role == "assistant"]
                assert [item.status for item in answers] == ["incomplete", "completed"]
                assert answers[1].content[0].transcript == recorded_turns()[0].reply_text
                assert desk.model.line.books().gap == 0
            assert [one.violations for one in server.sessions] == [[], []]
            assert server.sessions[1].updates[-1]["instructions"] == "Answer briefly."

    run(scenario())


@real
@pytest.mark.parametrize("moment", ["response.output_item.done", "response.done"])
def test_a_tool_is_run_once_although_the_link_breaks(moment):
    async def scenario():
        runs = []

        async def fare() -> str:
            """The fare."""
            runs.append(len(runs))
            return "12"

        fault = {"when": {"event": moment}, "action": "rst"}
        clerk = agent(tools=[function_tool(fare)])
        async with serving(fault) as server:
            async with Desk(server, clerk) as desk:
                await desk.make_it_call("fare")
                await desk.until("tool_end")
                await desk.until("audio_end")
                assert desk.count("error") == 0
            last = server.sessions[-1]
            assert len(server.sessions) == 2
            assert [item.kind for item in last.items].count("function_call_output") == 1
        assert runs == [0]

    run(scenario())


@real
def test_who_speaks_into_an_answer_cuts_it_where_it_was_heard():
    async def scenario():
        async with serving(timing=SLOW) as server:
            tracker = RealtimePlaybackTracker()
            async with Desk(server, agent(), playback_tracker=tracker) as desk:
                await desk.say(recorded_turns()[0].caller_pcm + QUIET)
                await desk.until("audio", 2)
                heard = next(one for one in desk.seen if one.type == "audio")
                tracker.on_play_bytes(heard.item_id, heard.content_index, bytes(48 * 150))
                await desk.say(recorded_turns()[1].caller_pcm[: 48 * 900])
                await desk.until("audio_interrupted")
                await desk.say(recorded_turns()[1].caller_pcm[48 * 900 :] + QUIET)
                await desk.until("agent_end", 2)
                assert desk.count("error") == 0
            (session,) = server.sessions
            # Once: the Agents SDK would have cut it as well.
            assert [one.audio_end_ms for one in session.truncations] == [150]
            assert session.violations == []

    run(scenario())


@real
def test_an_application_may_interrupt_by_itself():
    async def scenario():
        async with serving(timing=SLOW) as server:
            async with Desk(server, agent()) as desk:
                await desk.session.send_message("Good morning.")
                await desk.until("audio", 2)
                await desk.session.interrupt()
                await desk.until("audio_interrupted")
                await desk.until("agent_end")
                assert desk.count("error") == 0
            (session,) = server.sessions
            assert session.violations == []
            assert len(session.truncations) == 1

    run(scenario())


@real
def test_a_handoff_changes_the_settings_that_a_later_session_is_told():
    async def scenario():
        fault = {"when": {"event": "response.output_audio.delta", "count": 2}, "action": "rst"}
        booking = RealtimeAgent(name="Booking", instructions="Book it.")
        clerk = agent(handoffs=[realtime_handoff(booking)])
        async with serving(fault) as server:
            async with Desk(server, clerk) as desk:
                await desk.make_it_call("transfer_to_booking")
                await desk.until("handoff")
                await desk.until("audio_end")
                assert desk.count("error") == 0
            assert len(server.sessions) == 2
            assert server.sessions[1].updates[-1]["instructions"] == "Book it."

    run(scenario())


@real
def test_a_line_that_is_over_is_an_exception_of_the_session():
    async def scenario():
        reason = "invalid_request_error.invalid_api_key"
        fault = {"when": {"reply": 1, "ms": 200}, "action": "close", "code": 3000, "reason": reason}
        async with serving(fault) as server:
            desk = Desk(server, agent())
            await desk.__aenter__()
            await desk.say(recorded_turns()[0].caller_pcm + QUIET)
            with pytest.raises(Exception, match="3000"):
                await desk.until("agent_end", 9)
            with contextlib.suppress(Exception):
                await desk.__aexit__(None, None, None)
            with pytest.raises(LocalError):
                _ = desk.model.line

    run(scenario())


@real
def test_g711_is_spoken_from_the_beginning():
    async def scenario():
        formats = {"input_audio_format": "g711_ulaw", "output_audio_format": "g711_ulaw"}
        async with serving() as server:
            desk = Desk(server, agent(), settings=formats | {"audio": {}})
            desk.model._options.pop("policy")
            async with desk:
                await desk.say(bytes([255]) * 1600)
                await desk.session.send_message("Good morning.")
                await desk.until("audio_end")
                assert desk.model.line.config.policy.law == "ulaw"
                assert desk.count("error") == 0
            (session,) = server.sessions
            assert session.violations == []
            assert session.updates[-1]["audio"]["input"]["format"] == {"type": "audio/pcmu"}

    run(scenario())


@real
def test_a_function_that_gives_keys_is_asked_before_every_dial():
    async def scenario():
        asked = []

        async def key() -> str:
            asked.append(f"sk-test-key-{len(asked)}")
            return asked[-1]

        async with serving({"when": {"reply": 1, "ms": 200}, "action": "rst"}) as server:
            async with Desk(server, agent(), api_key=key) as desk:
                await desk.say(recorded_turns()[0].caller_pcm + QUIET)
                await desk.until("agent_end", 2)
            assert len(server.sessions) == 2
        # The Agents SDK asks once for itself, and each dial once more.
        assert len(asked) == 3

    run(scenario())


@real
def test_a_model_serves_one_session_after_another():
    async def scenario():
        async with serving() as server:
            desk = Desk(server, agent())
            for _ in range(2):
                async with desk:
                    await desk.session.send_message("Good morning.")
                    await desk.until("audio_end", desk.count("audio_end") + 1)
                del desk._events
            assert [one.ending.code for one in server.sessions] == [1000, 1000]
        assert [type(one) for one in desk.told].count(events.LineLive) == 2

    run(scenario())


def test_without_the_package_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "agents.realtime", None)
    monkeypatch.delitem(sys.modules, "trunkline.adapters.agents", raising=False)
    with pytest.raises(ImportError, match="pip install 'openai-agents"):
        importlib.import_module("trunkline.adapters.agents")
