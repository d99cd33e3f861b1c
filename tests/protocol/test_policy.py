from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.policy import LinePolicy, law_of


@given(st.integers(0, 10**7), st.sampled_from([8000, 16_000, 24_000, 48_000]))
def test_milliseconds_become_samples_and_come_back(milliseconds: int, rate_hz: int):
    policy = LinePolicy(rate_hz=rate_hz)
    assert policy.milliseconds(policy.samples(milliseconds)) == milliseconds


def test_a_line_keeps_more_than_it_replays_and_a_chunk_is_shorter():
    policy = LinePolicy()
    assert policy.chunk_limit_ms < policy.replay_limit_ms < policy.retention_ms


def test_a_g711_session_has_its_coding_and_its_rate():
    mu = {"audio": {"input": {"format": {"type": "audio/pcmu"}}}}
    assert (LinePolicy.of(mu).law, LinePolicy.of(mu).rate_hz) == ("ulaw", 8000)
    assert (LinePolicy.of({}).law, LinePolicy.of({}).rate_hz) == (None, 24_000)
    assert law_of({"audio": {"output": {"format": {"type": "audio/pcma"}}}}, "output") == "alaw"


def test_settings_of_any_shape_have_a_coding_or_none():
    for odd in (
        {"audio": None},
        {"audio": {"input": []}},
        {"audio": {"input": {"format": {"type": []}}}},
    ):
        assert law_of(odd) is None


@pytest.mark.parametrize(
    ("retention_ms", "slack_ms"), [(100, 0), (9_999, 0), (10_000, 1_500), (60_000, 1_500)]
)
def test_from_ten_seconds_on_memory_has_slack_for_longer_than_it_is_looked_at(
    retention_ms: int, slack_ms: int
):
    policy = LinePolicy(retention_ms=retention_ms, replay_limit_ms=50, rate_hz=1000)
    assert policy.room() == {"retention_samples": retention_ms, "slack_samples": slack_ms}
