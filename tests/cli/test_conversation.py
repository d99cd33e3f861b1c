"""A live conversation in its thread: a line and devices of a test, and what the main thread sees and asks for."""

from __future__ import annotations

import asyncio
import time

import pytest

from devices.bench import BLOCK, HandLine, HandSink, HandSource, NotingEcho, created, delta, done
from trunkline.cli.answer_tape import AnswerTape
from trunkline.cli.conversation import Conversation, Sound
from trunkline.cli.news import Weight
from trunkline.devices.base import BLOCK_SAMPLES, Block, Change, Notice
from trunkline.errors import LineFailed, MediaError
from trunkline.protocol import events
from trunkline.protocol.observations import ServerError, Suspended


class TalkLine(HandLine):
    """A line that is entered and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.observers: tuple = ()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.is_muted = False
        self.closings = self.drains = 0
        self.failure: Exception | None = None
        self.goodbye = 0.0

    async def __aenter__(self):
        if self.failure is not None:
            raise self.failure
        self.loop = asyncio.get_running_loop()
        return self

    async def __aexit__(self, *_) -> None:
        await asyncio.sleep(self.goodbye)
        await self.aclose()

    async def aclose(self) -> None:
        self.closings += 1
        self.queue.put_nowait(None)

    def drain(self) -> None:
        self.drains += 1

    def mute(self, on: bool = True) -> None:
        self.is_muted = on

    def tell(self, fact) -> None:
        for observer in self.observers:
            observer(fact)


class Talk:
    """A conversation with everything around it, all of which belongs to its event loop."""

    def __init__(
        self, *, tape: bool = False, push_to_talk: bool = False, is_interpreted: bool = False
    ) -> None:
        self.line = TalkLine()
        self.source: HandSource | None = None
        self.sink: HandSink | None = None
        self.tell = None
        self.ends = 0
        self.conversation = Conversation(
            line=self._line,
            sound=Sound(source=self._source, sink=self._sink, echo=NotingEcho),
            push_to_talk=push_to_talk,
            tape=AnswerTape() if tape else None,
            ended=self._end,
            is_interpreted=is_interpreted,
        )

    def _line(self, observers):
        self.line.observers = observers
        return self.line

    def _source(self, tell):
        self.source, self.tell = HandSource(), tell
        return self.source

    def _sink(self, _tell):
        self.sink = HandSink()
        return self.sink

    def _end(self) -> None:
        self.ends += 1

    def begin(self) -> None:
        self.conversation.start()
        self.until(lambda: self.sink is not None and self.sink.fill is not None)

    def within(self, deed, *arguments) -> None:
        """Does it in the event loop."""

        async def do() -> None:
            deed(*arguments)

        asyncio.run_coroutine_threadsafe(do(), self.line.loop).result(5)

    def give(self, *given) -> None:
        for event in given:
            self.within(self.line.queue.put_nowait, event)
        self.until(self.line.queue.empty)

    def until(self, holds) -> None:
        ends_at = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < ends_at, "it never came so far"
            self.conversation.wait(0.005)

    def end(self) -> None:
        self.conversation.stop()
        self.conversation.wait(5)
        assert not self.conversation.is_running


@pytest.fixture
def talk():
    found: list[Talk] = []

    def make(**options) -> Talk:
        found.append(Talk(**options))
        return found[-1]

    yield make
    for each in found:
        each.end()


def test_what_is_seen_of_it_comes_by_itself(talk):
    one = talk()
    assert one.conversation.glance.is_pressed is None
    one.begin()
    one.within(one.source.queue.put_nowait, Block(b"\0\x40" * BLOCK_SAMPLES, 0.0))
    one.until(lambda: one.conversation.glance.said_dbfs > -10)
    one.until(lambda: one.conversation.glance.said_dbfs < -90)


def test_orders_reach_the_line(talk):
    one = talk()
    one.conversation.order("mute")
    one.begin()
    one.conversation.order("mute")
    one.until(lambda: one.line.is_muted)
    one.until(lambda: one.conversation.glance.is_muted)
    one.conversation.order("mute")
    one.until(lambda: not one.line.is_muted)
    # There is no button.
    one.conversation.order("talk")


def test_the_button_counts_what_it_sent(talk):
    one = talk(push_to_talk=True)
    one.begin()
    one.until(lambda: one.conversation.glance.is_pressed is False)
    one.conversation.order("talk")
    one.until(lambda: one.conversation.glance.is_pressed is True)
    for _ in range(6):
        one.within(one.source.queue.put_nowait, Block(BLOCK, 0.0))
    one.until(lambda: len(one.line.of("audio")) == 6)
    one.conversation.order("talk")
    one.until(lambda: len(one.line.of("send")) == 2)
    one.conversation.order("talk")
    one.conversation.order("talk")
    one.until(lambda: bool(one.conversation.news))
    assert "too short" in one.conversation.news[0].text


def test_what_was_heard_is_on_the_tape(talk):
    one = talk(tape=True)
    one.begin()
    one.give(created(), delta("a"))
    one.sink.play()
    one.until(lambda: one.conversation.tape.pcm == b"\2\0" * BLOCK_SAMPLES)


def test_an_answer_that_the_server_refused_for_another_is_asked_for_when_that_is_over(talk):
    one = talk()
    one.begin()
    one.give(created(), events.AudioCommitted(item_id="u", previous_item_id=None))
    busy = "conversation_already_has_active_response"
    refused = ServerError(at=1.0, epoch=1, code=busy, type="", message="")
    one.within(one.line.tell, refused)
    one.give(done())
    one.until(lambda: bool(one.line.of("send")))
    assert one.line.of("send") == [[{"type": "response.create"}]]
    assert not one.conversation.is_answered()


def test_news_of_the_line_of_devices_and_of_refusals_lie_ready(talk):
    one = talk()
    one.begin()
    one.within(one.line.tell, Suspended(at=1.0, epoch=1, gap=9.0))
    one.within(one.tell, Notice("microphone", "USB", Change.LOST, 1.0))
    refusal = events.Refusal(type="error", code="c", message="no", param="", request_id="")
    one.give(refusal)
    one.until(lambda: len(one.conversation.news) == 3)
    assert [news.weight for news in one.conversation.news] == [
        Weight.WARNING,
        Weight.WARNING,
        Weight.BAD,
    ]


def test_a_source_that_ends_ends_it_when_the_answer_was_heard(talk):
    one = talk()
    one.begin()
    over = events.AudioDone(response_id="r", item_id="a")
    one.give(created(), delta("a", 2 * BLOCK_SAMPLES), over, done())
    one.within(one.source.queue.put_nowait, None)
    one.conversation.wait(0.3)
    assert one.conversation.is_running
    one.sink.play(2 * BLOCK_SAMPLES)
    one.until(lambda: one.sink.play() is not None and not one.conversation.is_running)
    one.conversation.check()
    assert one.ends == 1


def test_an_interpreter_is_asked_for_the_rest_and_heard_to_its_end(talk):
    one = talk(is_interpreted=True, tape=True)
    one.begin()
    assert one.conversation.is_answered()
    one.give(
        events.TranslatedAudio(pcm=BLOCK, elapsed_ms=20),
        events.TargetText(delta="Hola", elapsed_ms=None),
    )
    one.within(one.source.queue.put_nowait, None)
    one.until(lambda: one.line.drains == 1)
    assert one.line.closings == 0
    one.within(one.line.queue.put_nowait, None)
    one.until(lambda: one.sink.play() and not one.conversation.is_running)
    one.conversation.check()
    assert len(one.conversation.tape.pcm) == len(BLOCK)


def test_a_source_that_nobody_answered_is_a_failure(talk):
    one = talk()
    one.begin()
    one.within(one.source.queue.put_nowait, None)
    one.until(lambda: not one.conversation.is_running)
    with pytest.raises(MediaError, match="gave no answer"):
        one.conversation.check()


def test_a_line_that_cannot_be_entered_is_told_by_check(talk):
    one = talk()
    one.line.failure = LineFailed("the key was refused", "check it", [])
    one.conversation.start()
    one.until(lambda: not one.conversation.is_running)
    with pytest.raises(LineFailed, match="the key was refused"):
        one.conversation.check()
    assert one.ends == 1


def test_stopped_it_closes_everything_and_tells_nothing_more(talk):
    one = talk()
    one.begin()
    one.conversation.stop()
    one.until(lambda: not one.conversation.is_running)
    assert (one.source.closings, one.sink.closings, one.line.closings) == (1, 1, 1)
    one.line.tell(Suspended(at=1.0, epoch=1, gap=9.0))
    assert not one.conversation.news
    one.conversation.check()
    # Once more does nothing.
    one.conversation.stop()


def test_a_goodbye_that_takes_long_is_cut_short(talk):
    one = talk()
    one.line.goodbye = 60.0
    one.begin()
    began = time.monotonic()
    one.conversation.stop()
    one.conversation.wait(5)
    assert not one.conversation.is_running
    assert time.monotonic() - began < 3


def test_stopped_before_it_began_it_dials_nobody(talk):
    one = talk()
    one.conversation.stop()
    one.conversation.start()
    one.until(lambda: not one.conversation.is_running)
    assert one.line.loop is None
