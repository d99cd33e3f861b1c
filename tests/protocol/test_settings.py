from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.settings import Settings, merge

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.dictionaries(
        st.sampled_from(["audio", "input", "turn_detection", "format", "voice", "tools"]),
        inner,
        max_size=3,
    ),
    max_leaves=8,
)
patches = st.dictionaries(
    st.sampled_from(["type", "audio", "instructions", "tools", "input", "turn_detection"]),
    values,
    max_size=4,
)
VAD = {"type": "server_vad", "threshold": 0.5}


def listening(detection: object, **session: Any) -> Settings:
    return Settings(session | {"audio": {"input": {"turn_detection": detection}}})


@given(patches, patches)
def test_merging_twice_is_merging_once(base: dict[str, Any], patch: dict[str, Any]):
    once = merge(base, patch)
    assert merge(once, patch) == once


@given(patches, patches)
def test_merging_changes_neither_argument_and_shares_nothing_with_the_patch(
    base: dict[str, Any], patch: dict[str, Any]
):
    before = deepcopy((base, patch))
    merged = merge(base, patch)
    assert (base, patch) == before
    for key, value in patch.items():
        if isinstance(value, dict):
            assert merged[key] is not value


@given(patches, patches)
def test_merging_keeps_what_the_patch_does_not_name(base: dict[str, Any], patch: dict[str, Any]):
    merged = merge(base, patch)
    assert set(merged) == set(base) | set(patch)
    assert all(merged[key] == base[key] for key in set(base) - set(patch))
    assert merge(base, {}) == base
    assert merge({}, patch) == patch


def test_objects_with_a_type_are_replaced_whole():
    base = {"audio": {"input": {"turn_detection": VAD, "noise_reduction": {"type": "near_field"}}}}
    patch = {"audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}}
    assert merge(base, patch)["audio"]["input"] == {
        "turn_detection": {"type": "semantic_vad"},
        "noise_reduction": {"type": "near_field"},
    }


@given(st.lists(patches, min_size=1, max_size=4), st.integers(0, 3))
def test_a_refused_update_leaves_everything_as_if_it_had_not_been_asked(
    asked: list[dict[str, Any]], index: int
):
    refused = index % len(asked)
    settings, without = Settings({}), Settings({})
    for number, patch in enumerate(asked):
        settings.ask(f"u{number}", patch)
        if number != refused:
            without.ask(f"u{number}", patch)
    assert settings.refuse(f"u{refused}")
    assert not settings.refuse(f"u{refused}")
    assert settings.desired() == without.desired()


@given(st.lists(patches, max_size=4))
def test_confirmed_updates_are_still_desired(asked: list[dict[str, Any]]):
    settings = Settings({})
    for number, patch in enumerate(asked):
        settings.ask(str(number), patch)
    wanted = settings.desired()
    for _ in range(len(asked) + 1):
        settings.confirm()
        assert settings.desired() == wanted


def test_a_new_session_that_refuses_its_settings_accuses_only_what_was_never_confirmed():
    settings = Settings({"voice": "a"})
    settings.ask("good", {"instructions": "x"})
    settings.confirm()
    settings.ask("bad", {"voice": "?"})
    settings.offered()
    settings.ask("later", {"speed": 2})
    assert settings.refused_together() == ["bad"]
    assert settings.desired() == {"type": "realtime", "voice": "a", "instructions": "x", "speed": 2}
    assert settings.refused_together() is None


def test_updates_that_are_refused_together_are_tried_one_by_one_in_their_order():
    settings = Settings({"voice": "a"})
    for event_id, patch in (("good", {"a": 1}), ("bad", {"b": 2}), ("fine", {"a": 3})):
        settings.ask(event_id, patch)
    settings.offered()
    assert settings.refused_together() == []
    assert settings.desired() == {"type": "realtime", "voice": "a", "a": 1}
    settings.adopt()
    assert settings.try_next()
    assert settings.desired() == {"type": "realtime", "voice": "a", "a": 1, "b": 2}
    assert settings.refused_together() == ["bad"]
    assert settings.desired() == {"type": "realtime", "voice": "a", "a": 3}
    settings.adopt()
    assert not settings.try_next()
    assert not settings.is_asking()


def test_another_session_is_offered_all_again():
    settings = Settings({})
    settings.ask("one", {"a": 1})
    settings.ask("two", {"b": 2})
    settings.offered()
    assert settings.refused_together() == []
    settings.begun({})
    settings.offered()
    assert settings.desired() == {"type": "realtime", "a": 1, "b": 2}


def test_a_new_session_that_takes_its_settings_confirms_all_it_was_given_and_no_more():
    settings = Settings({})
    settings.ask("one", {"a": 1})
    settings.ask("two", {"b": 2})
    settings.offered()
    settings.ask("three", {"c": 3})
    settings.adopt()
    assert not settings.refuse("one")
    assert settings.refuse("three")
    assert settings.desired() == {"type": "realtime", "a": 1, "b": 2}


def test_the_servers_default_detection_counts_where_the_application_wishes_none():
    settings = Settings({})
    assert settings.turn_detection() is None
    settings.begun(
        {"audio": {"input": {"turn_detection": VAD | {"odd": [[]], "idle_timeout_ms": None}}}}
    )
    assert settings.turn_detection() == VAD
    by_hand = listening(None)
    by_hand.begun({"audio": {"input": {"turn_detection": VAD}}})
    assert by_hand.turn_detection() is None


@pytest.mark.parametrize(
    "session",
    [
        {"audio": None},
        {"audio": 5},
        {"audio": {"input": []}},
        {"audio": {"input": {"turn_detection": "x"}}},
    ],
)
def test_odd_sessions_have_no_detection(session: dict[str, Any]):
    settings = Settings({})
    settings.begun(session)
    assert settings.turn_detection() is None
    assert Settings(session).turn_detection() is None


def test_holding_back_silences_the_detection_and_releasing_brings_it_back():
    settings = listening(VAD, voice="a")
    held = settings.held_back()
    assert held["voice"] == "a"
    assert held["audio"]["input"]["turn_detection"] == VAD | {
        "create_response": False,
        "interrupt_response": False,
    }
    assert settings.released() == {
        "type": "realtime",
        "audio": {
            "input": {"turn_detection": VAD | {"create_response": True, "interrupt_response": True}}
        },
    }


def test_releasing_keeps_what_the_application_had_silenced_itself():
    settings = listening(VAD | {"create_response": False})
    released = settings.released()["audio"]["input"]["turn_detection"]
    assert released["create_response"] is False
    assert released["interrupt_response"] is True
    assert not settings.answers_by_itself()


@pytest.mark.parametrize("settings", [listening(None), listening(VAD, type="transcription")])
def test_there_is_nothing_to_hold_back_without_automatic_responses(settings: Settings):
    assert settings.held_back() == settings.desired()
    assert settings.released() == {"type": settings.kind()}


def test_a_translation_is_told_its_settings_twice_since_it_knows_no_update_without_any():
    settings = Settings({"type": "translation", "audio": {"output": {"language": "es"}}})
    assert settings.released() == settings.held_back() == settings.desired()


def test_a_turn_is_answered_by_itself_unless_detection_or_its_answers_are_off():
    assert listening(VAD).answers_by_itself()
    assert not listening(None).answers_by_itself()


@pytest.mark.parametrize(
    ("detection", "padding_ms"),
    [
        (None, None),
        (VAD, 300),
        (VAD | {"prefix_padding_ms": 50}, 50),
        (VAD | {"prefix_padding_ms": "x"}, 300),
        (VAD | {"prefix_padding_ms": -5}, 0),
    ],
)
def test_the_padding_is_the_servers_unless_it_was_chosen(detection: object, padding_ms: int | None):
    assert listening(detection).padding_ms() == padding_ms
