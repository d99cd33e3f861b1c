"""A restore that breaks off after any of its messages, and is begun again, builds the same conversation (I18)."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.driving import VAD, Line, types
from protocol.modelling import Server
from trunkline.protocol.lifecycle import State
from trunkline.protocol.outage import Outage

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}
MESSAGES_OF_THE_RESTORE = 12
"""More than it has: then it is interrupted when it is complete."""


def cut_line(outage: Outage) -> tuple[Line, Server]:
    """A talk with a turn of each kind, lost in the middle of an utterance."""
    line = Line(session=LISTENING, outage=outage, chunk_limit_ms=200).start()
    server = Server(line)
    server.settle()
    assert server.session is not None
    session = server.session
    for words in (True, False):
        line.speak(300)
        server.answer()
        session.hear_start(200)
        session.hear_stop()
        if words:
            session.write_down()
            session.speak(100)
            session.end("completed")
    line.ask(
        "conversation.item.create",
        item={"id": "call", "type": "function_call", "call_id": "c", "name": "f", "arguments": ""},
    )
    output = {"id": "out", "type": "function_call_output", "call_id": "c", "output": "4"}
    line.ask("conversation.item.create", item=output)
    line.speak(500)
    server.answer()
    line.hear(
        "input_audio_buffer.speech_started",
        item_id="open",
        audio_start_ms=len(session.appended) - 400,
    )
    server.lose()
    line.ended()
    return line, server


def final(line: Line, server: Server) -> tuple[Any, ...]:
    server.settle()
    assert line.state is State.LIVE
    session = server.session
    assert session is not None
    return session.told, session.appended, session.asked, line.connection.books()


def interrupt(line: Line, server: Server, messages: int) -> None:
    """The next restore is lost when the server has read so many messages of it."""
    line.until(State.DIALING)
    server.open()
    server.created()
    server.answer(messages)
    server.lose()
    line.ended()


@pytest.mark.parametrize("outage", [Outage.replay(), Outage.latest(250), Outage.drop()])
@pytest.mark.parametrize("again", [0, 3])
@pytest.mark.parametrize("messages", range(MESSAGES_OF_THE_RESTORE))
def test_the_final_conversation_is_the_same(messages: int, again: int, outage: Outage):
    line, server = cut_line(outage)
    expected = final(line, server)
    assert len(expected[0]) == 5
    line, server = cut_line(outage)
    interrupt(line, server, messages)
    if again:
        interrupt(line, server, again)
    assert final(line, server) == expected
    assert types(line.sent).count("session.update") >= 3
