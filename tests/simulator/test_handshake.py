from __future__ import annotations

import pytest

from trunkline.simulator.handshake import (
    Rejection,
    bad_key,
    check_model,
    check_translation_model,
    is_test_key,
    key_of,
    kind_of,
    mask,
    offered_protocols,
)

FAKE = [
    "test",
    "sk-test-1",
    "sk_test",
    "SK-Sim",
    "simulator",
    "sk-fakekey",
    "dummy",
    "demo",
    "local",
    "mock",
    "sk-canary",
]


@pytest.mark.parametrize("key", FAKE)
def test_keys_that_say_they_are_none_are_taken(key):
    assert is_test_key(key)


@pytest.mark.parametrize("key", ["", "sk-proj-test", "sk-abc", "ek_test", "xtest", "sk--test"])
def test_keys_that_could_be_real_are_not(key):
    assert not is_test_key(key)


@pytest.mark.parametrize("key", ["sk-proj-abcdef123456", "ek_0123456789", "abcdef", ""])
def test_a_masked_key_shows_its_kind_and_length_only(key):
    shown = mask(key)
    assert "abcdef" not in shown
    assert "0123" not in shown
    assert str(len(key)) in shown


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"Authorization": "Bearer sk-test"}, "sk-test"),
        ({"Authorization": "bearer  sk-test "}, "sk-test"),
        ({"Authorization": "Basic sk-test"}, None),
        ({"Authorization": "Bearer "}, None),
        ({"Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.ek_1"}, "ek_1"),
        ({"Sec-WebSocket-Protocol": "realtime"}, None),
        ({}, None),
    ],
)
def test_the_key_comes_from_the_header_or_a_subprotocol(headers, key):
    assert key_of(headers, offered_protocols(headers)) == key


def test_no_key_at_all_has_no_code_and_a_bad_one_is_never_repeated():
    missing = Rejection(bad_key(None), close_code=3000)
    assert missing.reason == "invalid_request_error"
    bad = Rejection(bad_key("sk-proj-secret"), close_code=3000)
    assert bad.reason == "invalid_request_error.invalid_api_key"
    assert "secret-" not in str(bad)
    assert "sk-proj" not in bad.refusal.message


@pytest.mark.parametrize(
    ("query", "headers", "code"),
    [
        ({"model": "gpt-realtime"}, {"OpenAI-Beta": "realtime=v1"}, "beta_api_shape_disabled"),
        ({}, {}, "missing_model"),
        ({"model": ""}, {}, "missing_model"),
        ({"model": "gpt-4"}, {}, "invalid_model"),
        ({"model": "gpt-realtime-whisper"}, {}, "invalid_model"),
        ({"intent": "dictation"}, {}, "invalid_intent"),
    ],
)
def test_a_bad_request_is_closed_with_4000_and_its_code(query, headers, code):
    with pytest.raises(Rejection) as rejected:
        check_model(query=query, headers=headers, default=None)
    assert rejected.value.close_code == 4000
    assert rejected.value.reason == f"invalid_request_error.{code}"


def test_the_model_of_a_client_secret_stands_in_for_none():
    assert check_model(query={}, headers={}, default="gpt-realtime") == "gpt-realtime"
    assert check_model(query={"model": "sim"}, headers={}, default="gpt-realtime") == "sim"


def test_the_kind_of_a_session_is_the_secrets_or_the_intents():
    assert kind_of({}, None) == "realtime"
    assert kind_of({"intent": "transcription"}, None) == "transcription"
    assert kind_of({}, {"type": "transcription"}) == "transcription"
    assert kind_of({"intent": "transcription"}, {"type": "realtime"}) == "realtime"


def test_a_transcription_session_needs_no_model():
    query = {"intent": "transcription"}
    assert check_model(query=query, headers={}, default=None, kind="transcription") == ""


@pytest.mark.parametrize(
    ("query", "headers", "code"),
    [
        ({}, {}, "missing_model"),
        ({"model": "gpt-realtime"}, {}, "invalid_model"),
        (
            {"model": "gpt-realtime-translate"},
            {"OpenAI-Beta": "realtime=v1"},
            "beta_api_shape_disabled",
        ),
    ],
)
def test_a_translation_needs_a_translator(query, headers, code):
    with pytest.raises(Rejection) as rejected:
        check_translation_model(query=query, headers=headers)
    assert (rejected.value.close_code, rejected.value.refusal.code) == (4000, code)
    good = {"model": "gpt-realtime-translate"}
    assert check_translation_model(query=good, headers={}) == "gpt-realtime-translate"
