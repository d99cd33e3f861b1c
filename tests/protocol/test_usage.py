from __future__ import annotations

import pytest

from protocol.driving import Line
from trunkline.protocol.usage import Usage

TOLD = {
    "input_tokens": 30,
    "output_tokens": 12,
    "input_token_details": {
        "text_tokens": 20,
        "audio_tokens": 10,
        "cached_tokens": 5,
        "cached_tokens_details": {"text_tokens": 4, "audio_tokens": 1},
    },
    "output_token_details": {"text_tokens": 2, "audio_tokens": 10},
}


def test_the_tokens_of_all_responses_are_summed_over_sessions():
    line = Line().come_live()
    for _ in range(2):
        line.hear("response.done", response={"id": "r", "status": "completed", "usage": TOLD})
        line.ended()
        line.come_live()
    assert line.connection.usage() == Usage(
        responses=2,
        input_tokens=60,
        output_tokens=24,
        input_text_tokens=40,
        input_audio_tokens=20,
        cached_tokens=10,
        cached_text_tokens=8,
        cached_audio_tokens=2,
        output_text_tokens=4,
        output_audio_tokens=20,
    )


@pytest.mark.parametrize(
    "usage", [None, 5, {}, {"input_tokens": True, "input_token_details": 3}, {"input_tokens": -4}]
)
def test_what_the_server_did_not_count_is_nothing(usage: object):
    assert Usage().plus(usage) == Usage(responses=1)
