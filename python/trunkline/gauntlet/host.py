"""Who answers in a gauntlet: the interpreter, in short; in one turn, with a call of the client's function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from trunkline.simulator.arguments import arguments_for
from trunkline.simulator.reply import Call
from trunkline.simulator.voice import Interpreter, Reply, Utterance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.simulator.engine import Engine

__all__ = ["REPLY_MS", "Host"]

REPLY_MS = 1500
"""Played to its end before the next utterance begins, whatever the client does with it."""


class Host:
    """Hears the recorded utterances, and answers each with a phrase of its own."""

    def __init__(
        self, interpreter: Interpreter | None = None, *, tool_turn: int | None = None
    ) -> None:
        """`tool_turn` counts committed user turns over the server's life; None = no call, ever."""
        self._interpreter = interpreter or Interpreter()
        self._tool_turn = tool_turn
        self._engine: Engine | None = None

    def attend(self, engine: Engine) -> None:
        """Speak for this session, whose settings say which functions there are."""
        self._engine = engine

    def hear(self, pcm: bytes) -> str:
        """The text of a recorded utterance, else a note of the audio's length."""
        return self._interpreter.hear(pcm)

    def reply(self, context: Sequence[Utterance]) -> Reply | Call:
        """The beginning of the translation of the last user message; in its turn, once, the call."""
        call = self._call()
        if call is not None:
            return call
        whole = self._interpreter.reply(context)
        return Reply(text=" ".join(whole.text.split()[:4]), pcm=whole.pcm[: REPLY_MS * 48])

    def _call(self) -> Call | None:
        engine = self._engine
        if engine is None or engine.tally.turns != self._tool_turn:
            return None
        tools = engine.session.get("tools") or []
        function = next((tool for tool in tools if tool.get("type") == "function"), None)
        if function is None:
            return None
        self._tool_turn = None
        arguments = orjson.dumps(arguments_for(function.get("parameters"))).decode()
        return Call(name=function["name"], arguments=arguments)
