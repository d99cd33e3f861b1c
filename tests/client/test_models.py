"""Names of models that come and go."""

from __future__ import annotations

import warnings

import pytest

from trunkline.client import models
from trunkline.client.config import LineConfig
from trunkline.client.models import DEFAULT_MODEL, LEAVING, warn_if_leaving


@pytest.fixture(autouse=True)
def _nobody_was_warned(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(models, "_warned", set())


@pytest.mark.parametrize(
    ("model", "day"),
    [
        ("gpt-realtime", "2027-01-20"),
        ("gpt-realtime-2025-08-28", "2027-01-20"),
        ("gpt-4o-realtime-preview-2025-06-03", "2026-05-07"),
    ],
)
def test_a_model_that_goes_away_is_told_once_with_the_day(model: str, day: str):
    with pytest.warns(FutureWarning, match=f"{model} .*{day}"):
        LineConfig(model=model, credential="x")
    LineConfig(model=model, credential="x")


def test_so_is_one_that_writes_speech_down():
    session = {"audio": {"input": {"transcription": {"model": "whisper-1"}}}}
    with pytest.warns(FutureWarning, match="whisper-1 .*2027-02-26; gpt-realtime-whisper"):
        warn_if_leaving(DEFAULT_MODEL, session)


@pytest.mark.parametrize("model", [DEFAULT_MODEL, "gpt-realtime-2.1-mini", "sim", "my-deployment"])
def test_a_model_that_stays_or_is_not_known_is_not_told(model: str):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_if_leaving(model, {"audio": {"input": {"transcription": None}}})
        warn_if_leaving(model, {"audio": None})


def test_a_deployment_may_have_any_name():
    base_url = "https://res.openai.azure.com/openai/v1"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LineConfig(model="gpt-realtime", base_url=base_url, credential="x")


def test_what_is_taken_unless_named_is_not_about_to_go():
    assert DEFAULT_MODEL not in LEAVING
