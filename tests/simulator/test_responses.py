from __future__ import annotations

import pytest

from simulator.sitting import Sitting, append, error, loud, types, user_text
from trunkline.simulator.timing import Timing

SLOW = Timing(pace=1.0, response_delay=0.1)


def respond(sitting: Sitting, **response) -> list[dict]:
    return sitting.send("response.create", response=response)


def done(events: list[dict]) -> dict:
    (found,) = [event["response"] for event in events if event["type"] == "response.done"]
    return found


def test_one_response_at_a_time_in_the_default_conversation():
    sitting = Sitting(timing=SLOW)
    (created,) = respond(sitting)
    refused = error(respond(sitting))
    assert refused["code"] == "conversation_already_has_active_response"
    assert created["response"]["id"] in refused["message"]
    assert done(sitting.wait(5))["status"] == "completed"
    assert types(respond(sitting)) == ["response.created"]


def test_any_number_beside_it_told_apart_by_their_metadata():
    sitting = Sitting(timing=SLOW)
    respond(sitting)
    for name in ("a", "b"):
        (created,) = respond(sitting, conversation="none", metadata={"name": name})
        assert created["response"]["metadata"] == {"name": name}
    finished = [e["response"] for e in sitting.wait(5) if e["type"] == "response.done"]
    assert sorted((one["metadata"] or {}).get("name", "") for one in finished) == ["", "a", "b"]
    assert len({one["id"] for one in finished}) == 3


def test_rate_limits_follow_the_end_and_count_tokens_only():
    sitting = Sitting()
    respond(sitting)
    events = sitting.wait(5)
    assert types(events)[-2:] == ["response.done", "rate_limits.updated"]
    (limit,) = events[-1]["rate_limits"]
    assert limit["name"] == "tokens"
    assert limit["remaining"] == limit["limit"] - done(events)["usage"]["total_tokens"]


def test_the_allowance_is_never_below_nothing():
    sitting = Sitting(timing=Timing(pace=1000.0, response_delay=0.0))
    sitting.configure(instructions="x" * 60_000)
    for _ in range(4):
        respond(sitting)
        (limit,) = sitting.wait(1)[-1]["rate_limits"]
        assert 0 <= limit["remaining"] <= limit["limit"]


def test_a_response_can_be_cancelled_by_its_id():
    sitting = Sitting(timing=SLOW)
    (created,) = respond(sitting, conversation="none")
    assert error(sitting.send("response.cancel"))["code"] == "response_cancel_not_active"
    unknown = sitting.send("response.cancel", response_id="resp_nowhere")
    assert error(unknown)["code"] == "response_cancel_not_active"
    cancelled = done(sitting.send("response.cancel", response_id=created["response"]["id"]))
    assert cancelled["status_details"]["reason"] == "client_cancelled"


def test_parameters_of_a_response_hold_for_it_alone():
    sitting = Sitting()
    before = sitting.configure()[0]["session"]
    (created,) = respond(
        sitting,
        output_modalities=["text"],
        max_output_tokens=1,
        instructions="be brief",
        audio={"output": {"voice": "cedar"}},
    )
    shown = created["response"]
    assert (shown["output_modalities"], shown["max_output_tokens"]) == (["text"], 1)
    assert shown["audio"]["output"]["voice"] == "cedar"
    assert done(sitting.wait(5))["status"] == "incomplete"
    assert sitting.configure()[0]["session"] == before


def test_a_given_input_takes_the_place_of_the_conversation():
    sitting = Sitting()
    sitting.send(user_text("a long question" * 20, id="q"))
    costs = []
    item = user_text("hi")["item"]
    for chosen in (None, [], [item], [{"type": "item_reference", "id": "q"}]):
        respond(sitting, conversation="none", input=chosen)
        costs.append(done(sitting.wait(5))["usage"]["input_token_details"]["text_tokens"])
    assert costs[0] == costs[3] > costs[2] > costs[1]
    refused = error(respond(sitting, input=[{"type": "item_reference", "id": "nowhere"}]))
    assert refused["param"] == "response.input"


def test_audio_in_the_context_is_paid_by_its_length():
    sitting = Sitting()
    sitting.detect()
    sitting.send(append(loud(1000)))
    sitting.send("input_audio_buffer.commit")
    respond(sitting)
    first = done(sitting.wait(5))["usage"]["input_token_details"]
    assert first["audio_tokens"] == 10
    respond(sitting)
    second = done(sitting.wait(5))["usage"]["input_token_details"]
    assert second["audio_tokens"] == 10 + 10


@pytest.mark.parametrize(("speed", "ms"), [(0.5, 1000), (1.25, 400)])
def test_speed_changes_the_length_of_the_reply(speed, ms):
    sitting = Sitting()
    sitting.configure(audio={"output": {"speed": speed}})
    respond(sitting)
    sitting.wait(5)
    assert sitting.engine.history.responses[0].samples_given == ms * 24


def test_the_first_assistant_audio_locks_the_voice_and_text_does_not():
    sitting = Sitting()
    respond(sitting, output_modalities=["text"])
    sitting.wait(5)
    assert types(sitting.configure(audio={"output": {"voice": "ash"}})) == ["session.updated"]
    respond(sitting)
    sitting.wait(5)
    refused = sitting.configure(audio={"output": {"voice": "cedar"}})
    assert error(refused)["code"] == "cannot_update_voice"
