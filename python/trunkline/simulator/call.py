"""A call on its way out: of a function the client runs, or of a tool the server runs itself.

A call that is incomplete has no `arguments.done`, so that nobody runs half of one.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.simulator.output import Output, Step, within_tokens
from trunkline.simulator.reply import WORD_DELAY
from trunkline.simulator.tokens import text_tokens

if TYPE_CHECKING:
    from trunkline.simulator.reply import ApprovalRequest, Call, McpCall
    from trunkline.simulator.timing import Timing

__all__ = ["ApprovalOutput", "CallOutput", "McpCallOutput"]

_PIECE = re.compile(r".{1,6}", re.DOTALL)
"""Arguments come in pieces of about a token and a half; of unknown size in the recordings."""


class _ArgumentsOutput(Output):
    """What has arguments that come piece by piece; `_KIND` is the stem of their events."""

    _KIND = ""

    def __init__(self, body: dict[str, Any], arguments: str, limit: int | None) -> None:
        super().__init__(body | {"arguments": ""}, limit)
        self._whole = arguments
        self._given = ""

    @property
    def whole_tokens(self) -> int:
        """Of its arguments."""
        return text_tokens(self._whole)

    def text_tokens(self) -> int:
        """Of the arguments given out."""
        return text_tokens(self._given)

    def schedule(self, begin: float, timing: Timing) -> tuple[list[Step], float]:  # noqa: ARG002 - no audio
        """The arguments at the pace of text."""
        pieces = within_tokens(_PIECE.findall(self._whole), self.limit)
        steps = [
            Step(begin + index * WORD_DELAY, partial(self._give, piece), is_delta=True)
            for index, piece in enumerate(pieces)
        ]
        return steps, begin + len(pieces) * WORD_DELAY

    def _give(self, piece: str) -> None:
        self._given += piece
        self.item.body["arguments"] = self._given
        self.outlet.emitter.emit_padded(f"{self._KIND}.delta", delta=piece, **self._within())

    def _within(self) -> dict[str, Any]:
        return {
            "response_id": self.outlet.response_id,
            "item_id": self.item.id,
            "output_index": self.index,
        }


class CallOutput(_ArgumentsOutput):
    """A function call; its name and id are there from the beginning."""

    _KIND = "response.function_call_arguments"

    def __init__(self, call: Call, *, item_id: str, call_id: str, limit: int | None) -> None:
        body = {
            "id": item_id,
            "type": "function_call",
            "status": "in_progress",
            "name": call.name,
            "call_id": call_id,
        }
        super().__init__(body, call.arguments, limit)

    def _within(self) -> dict[str, Any]:
        return super()._within() | {"call_id": self.item.body["call_id"]}

    def _close(self, *, is_complete: bool) -> None:
        if is_complete:
            name = self.item.body["name"]
            emitter = self.outlet.emitter
            emitter.emit(f"{self._KIND}.done", **self._within(), name=name, arguments=self._given)


class McpCallOutput(_ArgumentsOutput):
    """A tool that the server runs by itself, and what came of it."""

    _KIND = "response.mcp_call_arguments"

    def __init__(self, call: McpCall, *, item_id: str, limit: int | None) -> None:
        # The SDK's type of it has no status.
        body = {
            "id": item_id,
            "type": "mcp_call",
            "server_label": call.server_label,
            "name": call.name,
        }
        if call.approval_request_id is not None:
            body["approval_request_id"] = call.approval_request_id
        super().__init__(body, call.arguments, limit)
        self._call = call

    def _close(self, *, is_complete: bool) -> None:
        if not is_complete:
            return
        emitter = self.outlet.emitter
        emitter.emit(f"{self._KIND}.done", **self._within(), arguments=self._given)
        at = {"item_id": self.item.id, "output_index": self.index}
        emitter.emit("response.mcp_call.in_progress", **at)
        if self._call.error is None:
            self.item.body["output"] = self._call.output or ""
        else:
            error = {"type": "tool_execution_error", "message": self._call.error}
            self.item.body["error"] = error
        emitter.emit(f"response.mcp_call.{'failed' if self._call.error else 'completed'}", **at)


class ApprovalOutput(Output):
    """The question whether a tool may be run; it is there at once, and free."""

    def __init__(self, request: ApprovalRequest, *, item_id: str) -> None:
        body = {
            "id": item_id,
            "type": "mcp_approval_request",
            "server_label": request.server_label,
            "name": request.name,
            "arguments": request.arguments,
        }
        super().__init__(body, limit=None)

    @property
    def whole_tokens(self) -> int:
        """None."""
        return 0

    def text_tokens(self) -> int:
        """None."""
        return 0

    def schedule(self, begin: float, timing: Timing) -> tuple[list[Step], float]:  # noqa: ARG002 - no deltas
        """Nothing between its beginning and its end."""
        return [], begin

    def _close(self, *, is_complete: bool) -> None:
        """No rungs of its own."""
