from __future__ import annotations

import json

from protocol.driving import VAD, Line
from trunkline.protocol import events
from trunkline.protocol import observations as seen

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}


def live() -> Line:
    return Line(session=LISTENING).come_live()


def done(line: Line, usage: object) -> None:
    response = {"id": "r", "status": "completed", "usage": usage}
    line.hear("response.done", response=response)


def test_the_tokens_of_a_response_are_told_as_the_server_counts_them():
    line = live()
    line.reply("r", "a", "yes", 100, done=False)
    done(
        line,
        {
            "input_tokens": 812,
            "output_tokens": 96,
            "input_token_details": {"cached_tokens": 640},
        },
    )
    (fact,) = line.of(seen.ResponseUsage)
    assert (fact.response_id, fact.input_tokens, fact.output_tokens) == ("r", 812, 96)
    assert fact.cached_tokens == 640
    assert line.connection.usage().input_tokens == 812


def test_a_response_that_was_not_counted_costs_nothing_that_is_known():
    line = live()
    line.reply("r", "a", "yes", 100)
    assert line.of(seen.ResponseUsage) == []


def test_limits_are_told_by_name_and_what_is_no_limit_is_left_out():
    line = live()
    limits = [
        {"name": "requests", "limit": 100, "remaining": 99, "reset_seconds": 0.6},
        {"name": "tokens", "limit": 40_000, "remaining": None, "reset_seconds": "soon"},
        {"limit": 7},
        "nonsense",
    ]
    line.hear("rate_limits.updated", rate_limits=limits)
    line.hear("rate_limits.updated", rate_limits=None)
    line.hear("something.else", rate_limits=limits)
    assert [fact.limits for fact in line.of(seen.RateLimits)] == [
        (("requests", 100, 99, 0.6), ("tokens", 40_000, 0, 0.0), ("", 7, 0, 0.0)),
        (),
    ]
    # The application gets the event all the same.
    assert sum(isinstance(event, events.Raw) for event in line.events) == 3


def test_every_error_of_the_server_is_told_a_race_that_is_nobodys_mistake_too():
    line = live()
    line.refuse("", "item_truncate_invalid_item_id")
    line.refuse("mine", "invalid_value")
    facts = line.of(seen.ServerError)
    assert [fact.code for fact in facts] == ["item_truncate_invalid_item_id", "invalid_value"]
    assert facts[1].type == "invalid_request_error"
    assert facts[1].message == "invalid_value"


def test_an_error_that_ends_the_link_is_told_of_that_link():
    line = live()
    line.now += 61.0
    line.hear("error", error={"type": "x", "code": "session_expired", "message": "over"})
    assert line.epoch == 2
    assert line.of(seen.ServerError)[0].epoch == 1


def test_the_settings_are_told_as_they_are_in_force_without_what_lets_a_tool_in():
    line = live()
    tool = {
        "type": "mcp",
        "server_url": "https://tools.test/mcp?token=canary-1",
        "authorization": "canary-2",
        "headers": {"X-Key": "canary-3"},
    }
    empty = {"type": "mcp", "server_label": "x", "authorization": None}
    line.hear("session.updated", session={"model": "m", "tools": [tool, empty]})
    told = line.of(seen.SettingsConfirmed)[-1].settings
    assert "canary" not in told
    settings = json.loads(told)
    assert settings["model"] == "m"
    assert settings["tools"][0]["authorization"] == "[redacted]"
    assert settings["tools"][1]["authorization"] is None
    # Nobody else's copy of it is changed.
    assert "canary-2" in str(line.events[-1])


def test_the_servers_word_that_it_cut_an_answer_is_told_with_the_time_it_took():
    line = live()
    line.reply("r", "a", "yes", 1000, done=False)
    line.played("a", 300)
    line.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    assert line.of(seen.AudioTruncated)
    line.now += 0.061
    for _ in range(2):
        line.hear("conversation.item.truncated", item_id="a", content_index=0, audio_end_ms=300)
    (fact,) = line.of(seen.TruncateConfirmed)
    assert fact.item_id == "a"
    assert round(fact.took, 6) == 0.061


def test_a_cut_that_the_application_asks_for_is_confirmed_as_well():
    line = live()
    line.reply("r", "a", "yes", 1000)
    line.ask("conversation.item.truncate", item_id="a", content_index=0, audio_end_ms=300)
    line.now += 0.5
    line.hear("conversation.item.truncated", item_id="a", content_index=0, audio_end_ms=300)
    assert [fact.took for fact in line.of(seen.TruncateConfirmed)] == [0.5]


def test_a_cut_that_went_down_with_its_link_is_never_confirmed():
    line = live()
    line.reply("r", "a", "yes", 1000)
    line.ask("conversation.item.truncate", item_id="a", content_index=0, audio_end_ms=300)
    line.ended()
    line.come_live()
    line.hear("conversation.item.truncated", item_id="a", content_index=0, audio_end_ms=300)
    assert line.of(seen.TruncateConfirmed) == []


def test_a_call_is_told_once_and_so_is_its_answer():
    line = live()
    call = {
        "id": "f",
        "type": "function_call",
        "status": "completed",
        "call_id": "call_1",
        "name": "get_slot",
        "arguments": "{}",
    }
    line.hear("conversation.item.done", item=call)
    line.hear("response.done", response={"id": "r", "status": "completed", "output": [call]})
    line.now += 0.312
    output = {"type": "function_call_output", "call_id": "call_1", "output": "200"}
    line.ask("conversation.item.create", item=output)
    (called,) = line.of(seen.FunctionCalled)
    (answered,) = line.of(seen.FunctionAnswered)
    assert (called.call_id, called.name) == ("call_1", "get_slot")
    assert answered.call_id == "call_1"
    assert round(answered.at - called.at, 6) == 0.312


def test_an_item_that_is_no_output_answers_nothing():
    line = live()
    line.ask("conversation.item.create", item={"type": "message", "role": "user"})
    assert line.of(seen.FunctionAnswered) == []


def test_a_message_is_told_as_it_is_on_the_wire():
    line = live()
    facts = line.of(seen.MessagePassed)
    up = [fact for fact in facts if fact.direction is seen.Direction.UP]
    down = [fact for fact in facts if fact.direction is seen.Direction.DOWN]
    assert [json.loads(fact.message) for fact in up] == line.sent
    assert [json.loads(fact.message)["type"] for fact in down] == [fact.type for fact in down]
    assert all(len(fact.message) == fact.size_bytes for fact in facts)
