"""Who decides what a response is: the calls the tools demand, else what the voice answers.

A choice of `required`, or of one function, gives a call whose arguments fit the function's schema.
With `auto` a function is called when the user's message names it, or the system's after it. After a
call's output comes a message, unless the response itself was asked for with such a choice.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from trunkline.simulator.arguments import arguments_for
from trunkline.simulator.mcp import McpTool, mcp_tools
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.reply import ApprovalRequest, Call, McpCall, Part, Reply, parts_of
from trunkline.simulator.voice import Utterance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.simulator.items import Item
    from trunkline.simulator.voice import Voice

__all__ = ["Agent", "Toolbox"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """What may be called for one response, and what must."""

    tools: Sequence[dict[str, Any]]
    choice: Any
    """As on the wire: `auto`, `none`, `required`, or an object naming a function."""
    is_own: bool = False
    """Whether the response came with the choice; else it is the session's."""

    @property
    def usable(self) -> list[dict[str, Any] | McpTool]:
        """What can be called: the client's functions, then the servers' tools."""
        functions = [tool for tool in self.tools if tool["type"] == "function"]
        return [*functions, *mcp_tools(self.tools)]

    def demanded(self) -> dict[str, Any] | McpTool | None:
        """The tool that must be called; raises a Refusal if it is not among the tools."""
        if self.choice == "required":
            return next(iter(self.usable), None)
        if not isinstance(self.choice, dict):
            return None
        found = next((tool for tool in self.usable if _is_meant(tool, self.choice)), None)
        if found is None:
            name = self.choice.get("name") or self.choice.get("server_label")
            message = f"Tool choice '{name}' not found in 'tools' parameter."
            raise Refusal(message, code="invalid_value", param="tool_choice")
        return found

    def named_in(self, text: str) -> dict[str, Any] | McpTool | None:
        """The tool whose name the text has, with spaces or underscores, if it may be called."""
        if self.choice != "auto":
            return None
        said = text.casefold()
        return next((tool for tool in self.usable if _names(said, _name(tool))), None)


class Agent:
    """Decides by itself; a voice lends it words and sound."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def answer(
        self, context: Sequence[Item], toolbox: Toolbox, *, instructions: str, speed: float
    ) -> tuple[Part, ...]:
        """The parts of the answer; `instructions` are those the response itself came with.

        Raises a Refusal for a choice that cannot be kept.
        """
        agreed = _agreed(context)
        if agreed is not None:
            return (agreed, *self._words(context, instructions, speed))
        tool = self._tool(context, toolbox)
        if isinstance(tool, McpTool):
            return self._asked(tool) or (
                McpCall(**_of_server(tool), output=_OUTPUT),
                *self._words(context, instructions, speed),
            )
        if tool is not None:
            return (Call(name=tool["name"], arguments=_arguments(tool)),)
        return self._words(context, instructions, speed)

    def _asked(self, tool: McpTool) -> tuple[Part, ...]:
        return (ApprovalRequest(**_of_server(tool)),) if tool.needs_approval else ()

    def _words(self, context: Sequence[Item], instructions: str, speed: float) -> tuple[Part, ...]:
        heard = [_utterance(item) for item in context]
        if instructions:
            heard.append(Utterance(role="system", text=instructions))
        return tuple(_at_speed(part, speed) for part in parts_of(self._voice.reply(heard)))

    def _tool(self, context: Sequence[Item], toolbox: Toolbox) -> dict[str, Any] | McpTool | None:
        demanded = toolbox.demanded()
        if demanded is not None and toolbox.is_own:
            return demanded
        last = next((item for item in reversed(context) if _is_turn(item)), None)
        if last is None or last.role != "user":
            # An output was given: what it was asked for comes next, or the call would never end.
            return None if last is not None else demanded
        return demanded or toolbox.named_in(f"{last.text()}\n{_told_since(context)}")


def _arguments(tool: dict[str, Any]) -> str:
    try:
        return orjson.dumps(arguments_for(tool.get("parameters"))).decode()
    except ValueError as error:
        message = f"Invalid schema for function '{tool['name']}': {error}."
        raise Refusal(message, code="invalid_function_parameters", param="tools") from error


_OUTPUT = "{}"
"""What every tool of a server gives: nobody is there to ask."""
_SETTLED = ("function_call_output", "mcp_call", "mcp_approval_response")
"""What a demand for a call is kept by."""


def _is_turn(item: Item) -> bool:
    return item.role == "user" or item.body["type"] in _SETTLED


def _told_since(context: Sequence[Item]) -> str:
    """What the system said last; pipecat tells so whatever its application writes."""
    told = itertools.takewhile(lambda item: item.role == "system", reversed(context))
    return "\n".join(item.text() for item in told)


def _agreed(context: Sequence[Item]) -> McpCall | None:
    """The call that the last item allows, if it allows one."""
    answer = context[-1].body if context else {}
    if answer.get("type") != "mcp_approval_response" or not answer["approve"]:
        return None
    request_id = answer["approval_request_id"]
    request = next((item.body for item in context if item.id == request_id), None)
    if request is None or request["type"] != "mcp_approval_request":
        return None
    named = {key: request[key] for key in ("server_label", "name", "arguments")}
    return McpCall(**named, output=_OUTPUT, approval_request_id=request_id)


def _of_server(tool: McpTool) -> dict[str, str]:
    return {"server_label": tool.server_label, "name": tool.name, "arguments": "{}"}


def _name(tool: dict[str, Any] | McpTool) -> str:
    return tool.name if isinstance(tool, McpTool) else str(tool["name"])


def _is_meant(tool: dict[str, Any] | McpTool, choice: dict[str, Any]) -> bool:
    if not isinstance(tool, McpTool):
        return (choice["type"], choice.get("name")) == ("function", tool["name"])
    is_server = (choice["type"], choice.get("server_label")) == ("mcp", tool.server_label)
    return is_server and choice.get("name") in {None, tool.name}


def _names(said: str, name: str) -> bool:
    spaced = re.escape(name.casefold()).replace("_", "[ _]")
    return re.search(rf"(?<!\w){spaced}(?!\w)", said) is not None


def _utterance(item: Item) -> Utterance:
    role = item.role or "tool"
    pcm = bytes(item.pcm.get(0, b"")) if role == "user" else b""
    return Utterance(role=role, text=item.text(), pcm=pcm)


def _at_speed(part: Part, speed: float) -> Part:
    """The reply at another tempo. The pitch follows, which no client can object to."""
    if speed == 1.0 or not isinstance(part, Reply):
        return part
    samples = np.frombuffer(part.pcm, dtype="<i2").astype(np.float64)
    places = np.arange(0, samples.size, speed)
    pcm = np.interp(places, np.arange(samples.size), samples).astype("<i2").tobytes()
    return Reply(text=part.text, pcm=pcm, phase=part.phase, word_delay=part.word_delay)
