"""`trunkline tail`: as a user runs it."""

from __future__ import annotations

import json

import pytest

from cli.running import trunkline
from fleet.children import talking
from fleet.places import only_place


@pytest.fixture
def place(monkeypatch):
    with only_place(monkeypatch) as path:
        yield path


def test_it_prints_what_lines_tell_as_text_and_as_json(place):
    with talking(place):
        text = trunkline("tail", "--seconds", "3")
        documents = trunkline("tail", "--json", "--types", "Transcript", "--seconds", "3")
    assert (text.returncode, text.stderr) == (0, "")
    assert "talker-1" in text.stdout
    told = [json.loads(line) for line in documents.stdout.splitlines()]
    assert told
    assert {one["observation"] for one in told} == {"Transcript"}
    assert {one["name"] for one in told} == {"talker-1"}
    assert "the word" in told[0]["fact"]["text"]


def test_a_kind_that_is_none_is_a_mistake_of_the_option(place):
    run = trunkline("tail", "--types", "Nonsense")
    assert run.returncode == 2
    assert "'Nonsense' is none of" in run.stderr
    assert "LinkEnded" in run.stderr


def test_where_nobody_publishes_nothing_is_printed(place):
    run = trunkline("tail", "--seconds", "0.3", "--process", "x")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
