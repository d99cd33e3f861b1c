from __future__ import annotations

import json

import pytest

from trunkline.telemetry.sound import Sound
from trunkline.text import Clean
from trunkline.tui.context import Context
from trunkline.tui.exports.exporter import Exporter
from tui.desks import SyntheticDesk, Wishes
from tui.inspecting import Basket
from tui.inspector.streams import audio, entry

SAID = entry(1, "response.text.delta", detail=Clean('{"text": "4711"}'), note=Clean('"4711"'))


class Keeping(SyntheticDesk):
    def turns_heard(self, key):
        return (31,) if key == "pstn-0107" else ()

    def sound(self, key, turn):
        return Sound(24_000, b"\x01\x00", b"") if (key, turn) == ("pstn-0107", 31) else None


def exporter(desk=None, line="pstn-0107", **basket):
    context = Context(desk=desk or SyntheticDesk(), controls=Wishes(), clock=lambda: 0.0)
    context.select(line)
    shelf = Basket(**basket)
    return Exporter(context, shelf), shelf


def test_events_go_under_the_name_of_the_line_and_the_time_that_is_shown():
    to, shelf = exporter()
    assert to.events((SAID,), lines=False) == "/exports/pstn-0107-events-20251124T143205Z.json"
    assert to.events((SAID,), lines=True).endswith(".ndjson")
    document = json.loads(shelf.files["pstn-0107-events-20251124T143205Z.json"])
    assert document["line"]["name"] == "pstn-0107"
    assert document["exported_at"] == "2025-11-24T14:32:05.000Z"


def test_hidden_words_are_hidden_in_copies_and_exports():
    to, shelf = exporter()
    assert "4711" in to.text_of(SAID)
    assert "4711" not in to.text_of(SAID, hides_words=True)
    to.events((SAID,), lines=False, hides_words=True)
    assert all(b"4711" not in content for content in shelf.files.values())


def test_what_has_no_contents_is_copied_by_what_is_told_of_it():
    to, shelf = exporter()
    text = to.text_of(entry(1, "playout.underrun", note=Clean("74 ms")))
    assert text == "playout.underrun 74 ms"
    assert to.copy(text).endswith("pstn-0107-copy-20251124T143205Z.txt")
    assert to.copy("{}").endswith(".json")
    assert shelf.files["pstn-0107-copy-20251124T143205Z.txt"] == b"playout.underrun 74 ms"


def test_the_sound_of_a_turn_where_it_is_kept():
    to, shelf = exporter(Keeping())
    assert to.keeps_sound(31)
    assert to.sound(31) == "/exports/pstn-0107-turn-31-20251124T143205Z.wav"
    assert next(iter(shelf.files.values())).startswith(b"RIFF")


@pytest.mark.parametrize(
    ("desk", "turn", "words"),
    [(None, 31, "audio is not kept here"), (Keeping(), 30, "turn 30 is not kept; there are 31")],
)
def test_sound_that_nobody_keeps_is_told(desk, turn, words):
    to, shelf = exporter(desk)
    assert not to.keeps_sound(turn)
    with pytest.raises(ValueError, match=words):
        to.sound(turn)
    assert shelf.files == {}


def test_no_turn_has_no_sound():
    assert not exporter(Keeping())[0].keeps_sound(None)


def test_a_picture_asks_nobody_for_fonts():
    to, shelf = exporter()
    to.picture("<svg><style>@font-face { src: url(https://cdnjs/x) }</style></svg>")
    assert shelf.files == {"pstn-0107-screen-20251124T143205Z.svg": b"<svg><style></style></svg>"}


def test_a_file_that_cannot_be_written_is_told_in_words():
    to, _ = exporter(refuses=PermissionError(13, "Permission denied"))
    with pytest.raises(ValueError, match="it cannot be written: Permission denied"):
        to.copy("x")


def test_before_anything_is_known_names_still_say_something():
    to, _ = exporter(SyntheticDesk(nothing=True), line=None)
    assert to.events((audio(1),), lines=False) == "/exports/fleet-events-19700101T000000Z.json"
