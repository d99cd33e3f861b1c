"""What a live conversation looks like, sent to a terminal that is emulated."""

from __future__ import annotations

import pyte

from trunkline.cli.cellwidth import cells
from trunkline.cli.glance import Glance, Health
from trunkline.cli.news import Tidings, Weight
from trunkline.cli.screen import Look, Screen, key_hint

KEYS = [("m", "mute"), ("q", "quit")]
LIVE = Glance(health=Health.LIVE)


class Seen:
    def __init__(self, columns: int = 60, look: Look | None = None) -> None:
        self.columns = columns
        self.screen = Screen(look or Look(coloured=False), KEYS)
        self.terminal = pyte.Screen(columns, 8)
        self.stream = pyte.Stream(self.terminal)
        self.sent = ""

    def draw(self, glance: Glance = LIVE) -> list[str]:
        return self.show(self.screen.draw(glance, self.columns))

    def show(self, sent: str) -> list[str]:
        self.sent += sent
        self.stream.feed(sent)
        return [line.rstrip() for line in self.terminal.display if line.strip()]


def test_while_nobody_speaks_the_keys_stand_above_the_status():
    hint, status = Seen().draw()
    assert hint == "m mute   q quit"
    assert status.startswith("● live")


def test_what_is_being_said_stands_there_instead_and_scrolls_away_when_it_is_over():
    seen = Seen()
    seen.screen.words.write("user      Good ")
    assert seen.draw()[0] == "user      Good"
    seen.screen.words.write("morning.\n")
    said, hint, _ = seen.draw()
    assert said == "user      Good morning."
    assert hint == "m mute   q quit"


def test_news_have_a_sign_and_are_wrapped():
    seen = Seen(columns=30)
    seen.screen.tell(Tidings(Weight.WARNING, "link lost: the connection was\nreset"))
    assert seen.draw()[:2] == ["▲ link lost: the connection", "  was reset"]


def test_in_ascii_our_signs_are_and_what_people_say_is_in_their_script():
    seen = Seen(look=Look(coloured=False, ascii_only=True))
    seen.screen.tell(Tidings(Weight.GOOD, "restored"))
    seen.screen.words.write("assistant Viajo con dos niños\n")
    lines = seen.draw()
    assert lines[:2] == ["assistant Viajo con dos niños", "* restored"]
    assert lines[-1].startswith("* live")


def test_colours_are_sent_only_if_they_are_wanted():
    plain, coloured = Seen(), Seen(look=Look())
    for seen in (plain, coloured):
        seen.screen.words.write("user      Good\n")
        seen.draw()
    assert "\x1b[32m● live\x1b[0m" in coloured.sent.replace(" 00:00", "")
    assert "m● live" not in plain.sent


def test_erased_only_what_was_said_and_told_stays():
    seen = Seen()
    seen.draw()
    seen.screen.words.write("user      Good\n")
    seen.screen.tell(Tidings(Weight.PLAIN, "over"))
    assert seen.show(seen.screen.erase(60)) == ["user      Good", "· over"]


def test_as_many_keys_are_named_as_fit():
    assert "".join(piece.text for piece in key_hint(KEYS, 60)) == "m mute   q quit"
    assert "".join(piece.text for piece in key_hint(KEYS, 15)) == "m mute"
    assert key_hint(KEYS, 5) == ()
    assert sum(cells(piece.text) for piece in key_hint(KEYS, 16)) < 16
