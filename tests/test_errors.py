from __future__ import annotations

import pickle

import pytest

from trunkline import errors
from trunkline.errors import (
    CodecError,
    ConfigError,
    LineFailed,
    LinkClosed,
    LocalError,
    MediaError,
    OutboxFull,
    ProtocolError,
    RemoteError,
    RetriesExhausted,
    RotationAbandoned,
    StreamError,
    TrunklineError,
)
from trunkline.protocol.closure import Closure, Fault

CLOSURE = Closure(code=1011, reason="why", fault=Fault.RESET)
TEXTS = [
    (ConfigError("model", "is empty"), "model: is empty"),
    (CodecError("odd length", 7), "odd length at offset 7"),
    (CodecError("wrong dtype"), "wrong dtype"),
    (MediaError("a.wav", "is no sound"), "a.wav: is no sound"),
    (LocalError("rotate", "live"), "rotate is not possible while live"),
    (RemoteError("error", "no reason"), "error: no reason"),
    (LinkClosed(CLOSURE), "close 1011, why, connection reset"),
    (LineFailed("no credit", "pay", []), "no credit: pay"),
    (
        RetriesExhausted("gone", "wait", [Closure(code=1006), CLOSURE]),
        "gone (close 1011, why, connection reset): wait",
    ),
    (
        RotationAbandoned("no credit", "pay", CLOSURE),
        "no credit (close 1011, why, connection reset): pay",
    ),
    (RotationAbandoned("closed", "", None), "closed"),
    (OutboxFull(500), "the outbox holds its limit of 500 ms"),
    (StreamError("a frame is no JSON"), "a frame is no JSON"),
]


@pytest.mark.parametrize(("error", "text"), TEXTS, ids=lambda case: type(case).__name__)
def test_each_error_says_its_facts_in_one_line(error: TrunklineError, text: str):
    assert str(error) == text
    assert isinstance(error, TrunklineError)


def test_every_error_of_the_tree_is_shown_above_and_in_the_docstring():
    named = {name for name in errors.__all__ if name not in ("ProtocolError", "TrunklineError")}
    assert {type(error).__name__ for error, _ in TEXTS} == named
    assert all(name in errors.__doc__ for name in errors.__all__)


@pytest.mark.parametrize(("error", "text"), TEXTS, ids=lambda case: type(case).__name__)
def test_an_error_survives_being_sent_to_another_process(error: TrunklineError, text: str):
    assert str(pickle.loads(pickle.dumps(error))) == text


def test_who_broke_the_rules_must_be_said():
    with pytest.raises(TypeError, match="LocalError or RemoteError"):
        ProtocolError("x")


def test_the_family_can_be_caught_as_a_whole():
    assert issubclass(RetriesExhausted, LineFailed)
    assert issubclass(CodecError, ValueError)
    assert issubclass(LocalError, ProtocolError)


def test_closures_are_kept_in_order_and_cannot_be_changed():
    closures = [Closure(code=1006)]
    failure = LineFailed("c", "a", closures)
    closures.append(CLOSURE)
    assert failure.closures == (Closure(code=1006),)


@pytest.mark.parametrize(
    "error",
    [
        ConfigError("base_url", "sk-abcdefgh1234 \x1b[31m"),
        MediaError("\x1b]0;a", "Bearer abcdefgh"),
        RemoteError("t", "api-key=abcdefgh"),
        LinkClosed(Closure(detail="sk-abcdefgh1234\x07")),
        LineFailed("sk-abcdefgh1234", "\x9b31m", []),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_error_shows_a_key_or_a_control_character(error: TrunklineError):
    assert "abcdefgh" not in str(error)
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 for sign in str(error))
