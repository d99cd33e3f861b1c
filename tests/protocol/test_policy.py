from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.policy import LinePolicy


@given(st.integers(0, 10**7), st.sampled_from([8000, 16_000, 24_000, 48_000]))
def test_milliseconds_become_samples_and_come_back(milliseconds: int, rate_hz: int):
    policy = LinePolicy(rate_hz=rate_hz)
    assert policy.milliseconds(policy.samples(milliseconds)) == milliseconds


def test_a_line_keeps_more_than_it_replays_and_a_chunk_is_shorter():
    policy = LinePolicy()
    assert policy.chunk_limit_ms < policy.replay_limit_ms < policy.retention_ms
