from __future__ import annotations

import pytest

from trunkline.simulator import refusals


@pytest.mark.parametrize(
    ("refusal", "code", "param", "message"),
    [
        (
            refusals.unknown_parameter("session.bogus_field"),
            "unknown_parameter",
            "session.bogus_field",
            "Unknown parameter: 'session.bogus_field'.",
        ),
        (
            refusals.missing_parameter("session.type"),
            "missing_required_parameter",
            "session.type",
            "Missing required parameter: 'session.type'.",
        ),
        (
            refusals.invalid_value("a.b", "x", ("y", "z", "w")),
            "invalid_value",
            "a.b",
            "Invalid value: 'x'. Supported values are: 'y', 'z', and 'w'.",
        ),
        (
            refusals.invalid_type("a", "a string", 3),
            "invalid_type",
            "a",
            "Invalid type for 'a': expected a string, but got an integer instead.",
        ),
        (
            refusals.below_minimum("rate", 24000, 16000),
            "integer_below_min_value",
            "rate",
            "Invalid 'rate': integer below minimum value. Expected a value >= 24000, but got 16000 instead.",
        ),
        (
            refusals.above_maximum("speed", 1.5, 2.5),
            "decimal_above_max_value",
            "speed",
            "Invalid 'speed': decimal above maximum value. Expected a value <= 1.5, but got 2.5 instead.",
        ),
        (
            refusals.commit_too_small(20.0),
            "input_audio_buffer_commit_empty",
            None,
            (
                "Error committing input audio buffer: buffer too small. Expected at least 100ms "
                "of audio, but buffer only has 20.00ms of audio."
            ),
        ),
        (
            refusals.missing_item("truncating", "item_1", code="c", param="item_id"),
            "c",
            "item_id",
            "Error truncating item: the item with id 'item_1' does not exist.",
        ),
    ],
)
def test_a_refusal_has_the_words_of_the_api(refusal, code, param, message):
    assert (refusal.code, refusal.param, refusal.message) == (code, param, message)


def test_the_body_repeats_the_clients_event_id_and_nothing_made_up():
    refusal = refusals.already_active("resp_1")
    assert refusal.body()["event_id"] is None
    assert refusal.body("evt_1")["event_id"] == "evt_1"
    assert list(refusal.body()) == ["type", "code", "message", "param", "event_id"]


@pytest.mark.parametrize(
    ("values", "text"), [([], ""), (["a"], "'a'"), (["a", "b"], "'a' and 'b'")]
)
def test_short_lists_are_quoted_without_commas(values, text):
    assert refusals.quoted_list(values) == text


def test_every_constructor_is_exported():
    made = {name for name in vars(refusals) if callable(getattr(refusals, name)) and name[0] != "_"}
    assert set(refusals.__all__) <= made


def test_what_is_not_imitated_and_what_is_too_long_say_where():
    assert "does not imitate MCP" in refusals.not_built("session.tools[0]", "MCP").message
    assert refusals.too_long("item.id", 32, 33).code == "string_above_max_length"
    assert refusals.invalid_audio("audio", "odd").param == "audio"
