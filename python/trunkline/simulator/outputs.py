"""The items of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.simulator.call import ApprovalOutput, CallOutput, McpCallOutput
from trunkline.simulator.message import MessageOutput
from trunkline.simulator.reply import ApprovalRequest, McpCall, Part, Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.simulator.identity import Identity
    from trunkline.simulator.output import Output

__all__ = ["outputs_of"]


def outputs_of(
    parts: Sequence[Part], *, identity: Identity, modality: str, limit: int | None
) -> tuple[tuple[Output, ...], bool]:
    """The items of an answer as far as its token limit goes, and whether that cuts it."""
    made: list[Output] = []
    left = limit
    for part in parts:
        if left == 0:
            return tuple(made), True
        output = _output_of(part, identity, modality, left)
        made.append(output)
        if output.is_cut:
            return tuple(made), True
        left = None if left is None else left - output.whole_tokens
    return tuple(made), False


def _output_of(part: Part, identity: Identity, modality: str, limit: int | None) -> Output:
    item_id = identity.fresh("item_")
    if isinstance(part, Reply):
        return MessageOutput(part, item_id=item_id, modality=modality, limit=limit)
    if isinstance(part, ApprovalRequest):
        return ApprovalOutput(part, item_id=item_id)
    if isinstance(part, McpCall):
        return McpCallOutput(part, item_id=item_id, limit=limit)
    call_id = identity.fresh("call_")
    return CallOutput(part, item_id=item_id, call_id=call_id, limit=limit)
