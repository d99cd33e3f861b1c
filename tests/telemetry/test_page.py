"""The report as a page: all of it there, nothing fetched, nothing obeyed."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from telemetry.filling import filled_line
from telemetry.storytelling import story
from trunkline.telemetry.page import page
from trunkline.telemetry.snapshot import Books
from trunkline.telemetry.story import Story
from trunkline.text import clean

TAGS = (
    "html head meta link title style body h1 h2 h3 p div b span i section details summary a table thead tbody tr th td"
    " svg rect path polyline polygon text"
)
ATTRIBUTES = (
    "lang charset name content http-equiv rel href class id dir scope role aria-label viewbox x y width height points d"
    " stroke-width stroke-dasharray text-anchor style"
)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>1</script>",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}",
    "&lt;b&gt;",
    "\x1b]52;c;aGk=\x07",
    "\u202eevil",
    "a\x00b",
)


class Reader(HTMLParser):
    """Collects tags, attributes and text, as a browser would see them."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.words, self.links = set(), set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data):
        self.words.append(data)


def read(source):
    reader = Reader()
    reader.feed(source)
    return reader


def text_of(source):
    return " ".join(" ".join(read(source).words).split())


def test_it_shows_the_timeline_the_round_trips_the_outages_the_turns_the_alerts_and_the_books():
    source = page("demo.tlr", story(), version="1.2.3")
    words = text_of(source)
    for part in (
        "Round trips",
        "Outages",
        "Turns",
        "Alerts",
        "Audio of the caller",
        "name of demo/1",
        "1.2.3",
    ):
        assert part in words
    (line,) = story()
    assert f"{line.last.turns_answered} of {line.last.turns_total}" in words
    assert all(f"{outage.seconds:.2f} s" in words for outage in line.outages)
    assert "RTT 480 ms > 400 ms (3 of 5)" in words
    assert "● the books balance" in words
    assert source.count("<svg") == 2


def test_several_lines_come_with_a_table_of_them_all_and_links_that_lead_somewhere():
    source = page("x", story("a", "b"))
    assert source.count("<svg") == 5
    reader = read(source)
    targets = {link.removeprefix("#") for link in reader.links if link.startswith("#")}
    assert targets == {"line-0", "line-1"}
    assert all(f'id="{target}"' in source for target in targets)


def test_of_many_lines_each_is_folded():
    source = page("x", story(*"abcd"))
    assert (source.count("<details"), source.count("<section")) == (4, 1)


def test_a_recording_without_lines_says_so():
    assert "Nothing was recorded of any line." in text_of(page("x", ()))


@pytest.mark.parametrize(
    "stories", [story(), story("a", "b", "c", "d"), ()], ids=["one", "four", "none"]
)
def test_it_fetches_nothing_and_runs_nothing(stories):
    source = page("x", stories)
    assert not re.search(r"https?:|//(?!\s)|url\(|@import|<script|javascript:|\son\w+=", source)
    assert set(read(source).links) <= {"data:,", *(f"#line-{place}" for place in range(9))}
    assert "default-src 'none'" in source


def hostile_story():
    told = Story()
    told.take(
        filled_line(tuple(clean(one) for one in HOSTILE), key="k", wall_offset=1_700_000_000.0)
    )
    told.take_alerts(replace(one, line="k") for one in filled_line(HOSTILE).alerts)
    return told.lines()


@pytest.mark.parametrize("title", HOSTILE)
def test_no_string_becomes_markup_wherever_it_stands(title):
    source = page(clean(title), hostile_story())
    reader = read(source)
    assert reader.tags <= set(TAGS.split())
    assert reader.attributes <= set(ATTRIBUTES.split())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", source)
    assert clean(title) in " ".join(reader.words)


def test_hostile_words_are_shown_as_they_are():
    words = " ".join(read(page("x", hostile_story())).words)
    assert sum(clean(one) in words for one in HOSTILE) == len(HOSTILE)


@pytest.mark.parametrize(
    ("imbalance_ms", "words"),
    [(None, "not compared"), (0.0, "● the books balance"), (20.0, "✖ off by 20 ms")],
)
def test_books_have_three_answers(imbalance_ms, words):
    (line,) = story()
    changed = replace(
        line, last=replace(line.last, books=Books(accepted_ms=100.0, imbalance_ms=imbalance_ms))
    )
    assert words in text_of(page("x", (changed,)))


def test_what_is_unknown_is_a_dash_and_no_zero():
    (line,) = story()
    turn = replace(
        line.turns[0], first_audio_ms=None, gap_ms=None, user_s=None, audio_s=None, response_s=None
    )
    words = text_of(page("x", (replace(line, turns=(turn,)),)))
    assert "– – – – – / –" in words


def test_an_availability_of_almost_all_is_not_all():
    (line,) = story()
    changed = replace(line, last=replace(line.last, availability=0.99996))
    assert "99.99 %" in text_of(page("x", (changed,)))
