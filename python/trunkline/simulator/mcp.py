"""Servers of tools that the service asks by itself, as far as nobody has to be asked.

The simulator reaches no server. It takes the tools a session allows for those there are, and a
server whose name cannot exist (`.invalid`, RFC 2606) for one that does not answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trunkline.simulator.items import Item

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trunkline.simulator.conversation import Conversation
    from trunkline.simulator.emitter import Emitter
    from trunkline.simulator.identity import Identity

__all__ = ["McpTool", "list_tools", "mcp_tools"]


@dataclass(frozen=True, slots=True, kw_only=True)
class McpTool:
    """One tool of such a server."""

    server_label: str
    name: str
    needs_approval: bool


def mcp_tools(tools: Iterable[Mapping[str, Any]]) -> list[McpTool]:
    """All that may be called on the servers among a session's tools."""
    return [
        McpTool(
            server_label=server["server_label"],
            name=name,
            needs_approval=_needs_approval(server.get("require_approval"), name),
        )
        for server in tools
        if server["type"] == "mcp" and not _is_down(server)
        for name in _names(server.get("allowed_tools"))
    ]


def list_tools(
    tools: Sequence[Mapping[str, Any]],
    *,
    conversation: Conversation,
    emitter: Emitter,
    identity: Identity,
) -> None:
    """List the tools of each server that the conversation has no list of yet."""
    known = {item.body["server_label"] for item in conversation if item.body["type"] == _LIST}
    for server in tools:
        if server["type"] == "mcp" and server["server_label"] not in known:
            known.add(server["server_label"])
            _list(server, conversation, emitter, identity.fresh("item_"))


_LIST = "mcp_list_tools"


def _list(
    server: Mapping[str, Any], conversation: Conversation, emitter: Emitter, item_id: str
) -> None:
    body = {"id": item_id, "type": _LIST, "server_label": server["server_label"], "tools": []}
    item = Item(body=body)
    previous = conversation.add(item)
    emitter.emit("conversation.item.added", previous_item_id=previous, item=item.view())
    emitter.emit(f"{_LIST}.in_progress", item_id=item_id)
    if not _is_down(server):
        body["tools"] = [
            {"name": name, "input_schema": {"type": "object"}}
            for name in _names(server.get("allowed_tools"))
        ]
    emitter.emit(f"{_LIST}.{'failed' if _is_down(server) else 'completed'}", item_id=item_id)
    emitter.emit("conversation.item.done", previous_item_id=previous, item=item.view())


def _is_down(server: Mapping[str, Any]) -> bool:
    try:
        host = urlsplit(str(server.get("server_url") or "")).hostname or ""
    except ValueError:
        return True
    return host.endswith(".invalid")


def _names(allowed: Any) -> list[str]:
    names = allowed.get("tool_names") if isinstance(allowed, dict) else allowed
    return list(names or ())


def _needs_approval(required: Any, name: str) -> bool:
    """Whether the client must agree first; it must where nothing is said."""
    if not isinstance(required, dict):
        return bool(required != "never")
    return name not in _names(required.get("never"))
