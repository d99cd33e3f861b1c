from __future__ import annotations

import pytest

from trunkline.simulator.ephemeral import Mint
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.refusals import Refusal


def mint() -> Mint:
    chance = Chance(1)
    return Mint(chance, Identity(chance))


def test_a_secret_lives_ten_minutes_unless_told_otherwise():
    one = mint()
    made = one.mint({}, 1000.0)
    assert made["value"].startswith("ek_")
    assert made["expires_at"] == 1600
    assert made["session"]["expires_at"] == 0
    assert one.find(made["value"], 1599.0) is not None
    assert one.find(made["value"], 1600.0) is None
    assert one.find("ek_unknown", 1000.0) is None


def test_a_secret_carries_its_session_and_can_be_used_many_times():
    one = mint()
    session = {"type": "realtime", "model": "gpt-realtime-2.1", "instructions": "brief"}
    body = {"expires_after": {"anchor": "created_at", "seconds": 10}, "session": session}
    made = one.mint(body, 0.0)
    assert made["session"]["instructions"] == "brief"
    for _ in range(3):
        secret = one.find(made["value"], 5.0)
        assert (secret.model, secret.session) == (
            "gpt-realtime-2.1",
            {"type": "realtime", "instructions": "brief"},
        )


def test_expired_secrets_are_forgotten():
    one = mint()
    one.mint({"expires_after": {"seconds": 10}}, 0.0)
    one.mint({}, 100.0)
    assert len(one._secrets) == 1


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"expires_after": {"seconds": 9}}, "integer_below_min_value", "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "integer_above_max_value", "expires_after.seconds"),
        ({"expires_after": {"anchor": "now"}}, "invalid_value", "expires_after.anchor"),
        ({"session": {}}, "missing_required_parameter", "session.type"),
        ({"session": {"type": "translation"}}, "invalid_value", "session.type"),
        ({"model": "x"}, "unknown_parameter", "model"),
        ([], "invalid_type", ""),
    ],
)
def test_a_bad_body_is_refused_with_its_place(body, code, param):
    with pytest.raises(Refusal) as refused:
        mint().mint(body, 0.0)
    assert (refused.value.code, refused.value.param) == (code, param)


def test_a_secret_may_carry_a_transcription_session_which_has_no_model():
    one, session = mint(), {"type": "transcription"}
    reply = one.mint({"session": session}, 0.0)
    assert reply["session"]["object"] == "realtime.transcription_session"
    secret = one.find(reply["value"], 1.0)
    assert (secret.session, secret.model) == (session, "")
