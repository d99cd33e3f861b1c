from __future__ import annotations

import pytest

from trunkline.protocol import observations as seen
from trunkline.telemetry.standing import MOST_ERRORS, Standing

WHEN = {"at": 1.0, "epoch": 1}


def test_settings_are_laid_out_for_reading():
    standing = Standing()
    standing.confirmed(seen.SettingsConfirmed(settings='{"voice":"ma\\u0007rin"}', **WHEN))
    assert standing.laid_out() == '{\n  "voice": "ma\\u0007rin"\n}'


@pytest.mark.parametrize("text", ["no json", '{"a":', "\ud800"])
def test_settings_that_are_no_json_are_shown_as_they_are(text):
    standing = Standing()
    standing.confirmed(seen.SettingsConfirmed(settings=text, **WHEN))
    assert len(standing.laid_out()) == len(text)


def test_settings_are_kept_up_to_what_is_shown():
    standing, words = Standing(), "x" * 20_000
    standing.confirmed(seen.SettingsConfirmed(settings=f'{{"instructions":"{words}"}}', **WHEN))
    assert len(standing.settings) == len(standing.laid_out()) == 16_384
    assert standing.detects


def test_settings_that_would_turn_the_screen_around_do_not():
    standing = Standing()
    standing.confirmed(seen.SettingsConfirmed(settings='{"voice":"\u202e"}', **WHEN))
    assert "\u202e" not in standing.laid_out()


def test_a_retry_is_planned_until_the_line_is_live():
    standing = Standing()
    standing.retry_scheduled(seen.RetryScheduled(attempt=2, delay=0.5, **WHEN))
    assert (standing.attempt, standing.retry_at) == (2, 1.5)
    standing.live()
    assert (standing.attempt, standing.retry_at) == (0, None)


def test_errors_are_told_apart_up_to_a_bound():
    standing = Standing()
    for n in range(MOST_ERRORS + 3):
        standing.error(f"c{n}")
    standing.error("c0")
    assert (standing.errors["c0"], standing.errors["other"]) == (2, 3)


def test_limits_are_cleaned_and_few():
    standing = Standing()
    rows = tuple((f"l{n}\x1b", 1, 1, 0.0) for n in range(20))
    standing.rate_limits(seen.RateLimits(limits=rows, **WHEN))
    assert len(standing.limits) == 8
    assert standing.limits[0][0] == "l0\u241b"


def test_reasons_of_gaps_are_told_apart_up_to_a_bound():
    standing = Standing()
    for n in range(MOST_ERRORS + 3):
        standing.gap(seen.AudioGap(start_sample=0, samples=2, reason=f"r{n}", **WHEN))
    assert (standing.gaps["r0"], standing.gaps["other"]) == (2, 6)


@pytest.mark.parametrize(
    ("settings", "detects"),
    [
        ('{"audio":{"input":{"turn_detection":null}}}', False),
        ('{"audio":{"input":{"turn_detection":{"type":null}}}}', False),
        ('{"audio":{"input":{"turn_detection":{"type":"server_vad"}}}}', True),
        ('{"audio":{"input":{}}}', True),
        ('{"audio":[]}', True),
        ("[]", True),
        ("no json", True),
    ],
)
def test_a_server_detects_speech_unless_it_is_told_not_to(settings, detects):
    standing = Standing()
    standing.confirmed(seen.SettingsConfirmed(settings=settings, **WHEN))
    assert standing.detects is detects


def test_a_rotation_has_failed_when_it_is_given_up():
    standing = Standing()
    for final in (False, True):
        standing.rotation_failed(
            seen.RotationFailed(cause="c", advice="a", closure=None, final=final, **WHEN)
        )
    assert standing.rotations_failed == 1
