from __future__ import annotations

import pytest

from protocol.driving import RESET, types
from protocol.interpreting import APPEND, SESSION, appended, frames, give, interpreted, say
from protocol.rotating import TwoLinks
from trunkline.errors import LineFailed, LocalError
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.drains import CloseLink
from trunkline.protocol.lifecycle import State
from trunkline.protocol.outage import Outage
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.translation import Translation

ES = {"audio": {"output": {"language": "es"}}}


def live(**policy):
    line = interpreted(**policy).come_live()
    line.fresh()
    return line


def finish(line, within: float | None = None) -> None:
    line.connection.drain(line.now, within)
    line.drain()


def after_a_break(line, meanwhile_ms: int = 0) -> list[dict]:
    """What the next session is told."""
    line.fresh()
    line.ended(RESET)
    give(line, meanwhile_ms)
    line.come_live()
    return line.fresh()


def say_goodbye(line) -> None:
    assert line.state is State.CLOSING
    assert line.of(CloseLink)[-1].code == 1000
    line.ended(Closure(code=1000))
    assert line.state is State.CLOSED


# Its wire.


def test_a_session_is_told_its_settings_and_no_type_and_then_the_audio():
    line = interpreted()
    line.start()
    give(line, 100)
    line.come_live()
    update, append = line.fresh()
    assert update["type"] == "session.update"
    assert update["session"] == ES
    assert append["type"] == APPEND
    assert len(appended([append])) == 100


def test_settings_that_are_refused_end_the_line():
    line = interpreted().start()
    line.opened()
    line.created()
    (update,) = line.fresh()
    line.refuse(update["event_id"], param="session.audio.output.language", message="no such")
    assert isinstance(line.connection.failure, LineFailed)
    assert "session.audio.output.language" in str(line.connection.failure)


def test_the_language_may_change_and_the_next_session_knows_it():
    line = live()
    change = {"audio": {"output": {"language": "pt"}}}
    line.ask("session.update", session=change)
    (update,) = line.fresh()
    assert update["session"] == change
    line.updated()
    assert after_a_break(line)[0]["session"] == change


@pytest.mark.parametrize("type_", ["response.create", "input_audio_buffer.commit", "session.close"])
def test_what_a_translation_does_not_know_is_refused_here(type_: str):
    with pytest.raises(LocalError, match="no turns"):
        live().ask(type_)


# A break.


def test_a_sentence_that_a_break_cut_is_heard_whole_by_the_next_session():
    line = live()
    give(line, 1000, loud=False)
    give(line, 1500)
    frames(line, 0, 2400, loud=False)
    messages = after_a_break(line, meanwhile_ms=300)
    assert (messages[0]["type"], messages[-1]["type"]) == ("session.update", "session.update")
    # From the beginning of the sentence, whatever the lost session had heard of it.
    assert len(appended(messages)) == 1800
    (restored,) = line.of(seen.Restored)
    assert (restored.replayed_samples, restored.lost_samples) == (1500, 0)
    assert line.of(events.LineLive)[-1].replayed_ms == 1500
    assert messages[-1]["session"] == ES


def test_what_was_translated_is_not_said_again():
    line = live()
    give(line, 1000)
    give(line, 2000, loud=False)
    frames(line, 0, 1400, loud=False)
    frames(line, 1400, 2200, loud=True)
    frames(line, 2200, 2800, loud=False)
    # Only the last 400 ms of silence, which nobody said were heard.
    assert len(appended(after_a_break(line))) == 400


def test_the_translation_of_late_audio_reaches_the_application_while_it_is_replayed():
    line = live()
    give(line, 1000)
    line.ended(RESET)
    line.until(State.DIALING)
    line.opened()
    line.created()
    line.updated()
    assert line.state is State.RESTORING
    say(line, 0, loud=True)
    assert line.of(events.TranslatedAudio)
    line.updated()
    assert line.state is State.LIVE


@pytest.mark.parametrize(
    ("outage", "reason"),
    [(Outage.latest(400), "older than the latest 400 ms"), (Outage.drop(), "dropped in an outage")],
)
def test_the_policy_of_an_outage_holds_and_the_gap_is_announced(outage: Outage, reason: str):
    line = live(outage=outage)
    give(line, 1000)
    messages = after_a_break(line)
    gap = 1000 - (outage.limit_ms or 0)
    assert [(one.duration_ms, one.reason) for one in line.of(events.LineGap)] == [(gap, reason)]
    assert len(appended(messages)) == 1000 - gap
    books = line.connection.books()
    assert (books.accepted, books.consumed, books.gap) == (1000, 0, gap)


# An interpreter that falls silent.


def silent(line, seconds: int) -> None:
    """The link lives and nothing else comes."""
    for _ in range(seconds):
        line.wait(1.0)
        line.pong()


def test_an_interpreter_that_says_nothing_although_the_link_lives_is_told():
    line = live()
    give(line, 900)
    silent(line, 15)
    assert not line.of(events.ResponseStalled)
    give(line, 400)
    silent(line, 15)
    (stalled,) = line.of(events.ResponseStalled)
    assert not stalled.over
    frames(line, 0, 400, loud=False)
    assert [event.over for event in line.of(events.ResponseStalled)] == [False, True]
    assert line.state is State.LIVE


def test_one_that_goes_on_is_not_taken_for_silent_and_a_new_session_has_its_own_time():
    line = live()
    give(line, 10_000, loud=False)
    for start in range(0, 4000, 200):
        frames(line, start, start + 200, loud=False)
        silent(line, 1)
    line.ended(RESET)
    line.come_live()
    silent(line, 15)
    assert len(line.of(events.ResponseStalled)) == 1


# The end.


def test_finishing_asks_the_session_to_say_the_rest_and_then_closes():
    line = live()
    give(line, 1000)
    finish(line)
    append, close = line.fresh()
    assert (append["type"], close["type"]) == (APPEND, "session.close")
    assert close["event_id"]
    assert line.state is State.LIVE
    frames(line, 0, 1000, loud=True)
    line.hear("session.closed")
    assert line.fresh() == []
    books = line.connection.books()
    assert (books.consumed, books.retained) == (1000, 0)
    say_goodbye(line)
    assert len(line.of(seen.DrainBegun)) == 1


def test_what_is_given_after_the_end_was_asked_for_is_kept_and_not_sent():
    line = live()
    give(line, 1000)
    finish(line)
    line.fresh()
    give(line, 500)
    assert line.fresh() == []
    line.hear("session.closed")
    assert line.connection.books().retained == 500
    say_goodbye(line)


def test_a_break_on_the_way_to_the_end_is_a_break_like_any_other():
    line = live()
    give(line, 1000)
    finish(line)
    line.fresh()
    line.ended(RESET)
    assert line.state is State.WAITING
    line.come_live()
    messages = line.fresh()
    assert types(messages)[-2:] == ["session.update", "session.close"]
    assert len(appended(messages)) == 1000
    line.hear("session.closed")
    say_goodbye(line)


def test_the_end_may_be_asked_for_while_there_is_no_link():
    line = live()
    give(line, 1000)
    line.ended(RESET)
    finish(line)
    assert line.state is State.WAITING
    line.come_live()
    assert types(line.fresh())[-1] == "session.close"


@pytest.mark.parametrize("broken", [False, True])
def test_the_end_comes_when_its_time_is_over_whatever_is_left(broken: bool):
    line = live()
    give(line, 1000)
    finish(line, 5.0)
    if broken:
        line.ended(RESET)
    before = line.now
    line.until(State.CLOSED)
    assert 5.0 <= line.now - before <= 6.0
    assert line.connection.books().retained == 1000


def test_a_line_that_is_being_closed_is_not_closed_again():
    line = live()
    finish(line)
    line.hear("session.closed")
    line.hear("session.closed")
    say_goodbye(line)


def test_a_full_link_is_asked_to_close_only_behind_the_last_of_the_audio():
    line = Translation(LinePolicy(session=SESSION, dialect=Dialect.TRANSLATION, rate_hz=1000))
    line.drain(1.0)
    assert line.next_message(1.0) is None
    assert line.next_message(1.0, epoch=7) is None


# Rotation.


def test_a_rotation_takes_along_what_was_not_translated():
    line = TwoLinks(core=Translation, session=SESSION, dialect=Dialect.TRANSLATION).come_live()
    give(line, 1000)
    frames(line, 0, 800, loud=False)
    second = line.rotate(0.0)
    second.opened()
    second.created()
    second.updated()
    line.wait(0.1)
    (rotated,) = line.of(seen.Rotated)
    assert (rotated.replayed_samples, rotated.lost_samples) == (1000, 0)
    assert line.epoch == 2
    say(line, 0, loud=True)
    assert line.of(seen.AudioReceived)[-1].item_id == "translation_2"
