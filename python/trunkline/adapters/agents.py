"""The model of openai-agents' realtime sessions, over a line.

    runner = RealtimeRunner(agent, model=trunkline.adapters.agents.TrunklineModel())

`model` is where the Agents SDK takes a transport of one's own. This one is its own WebSocket model, with all that it
makes of events, settings and tools, and a line in the place of its socket (`_create_websocket_connection`).
docs/adapters.md says what is different.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from agents.realtime import (
        OpenAIRealtimeWebSocketModel,
        RealtimeModelAudioInterruptedEvent,
        RealtimeModelConfig,
        RealtimeModelConnectionStatusEvent,
        RealtimeModelSendEvent,
    )
    from agents.realtime.openai_realtime import _USER_AGENT, get_api_key
except ImportError as error:
    raise ImportError(
        "trunkline.adapters.agents needs the Agents SDK: pip install 'openai-agents>=0.24,<1'"
    ) from error

from trunkline.adapters.address import Address, LineOptions
from trunkline.adapters.line_socket import LineSocket
from trunkline.errors import LocalError
from trunkline.protocol import events
from trunkline.protocol.policy import LAWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from trunkline.client.client import Line
    from trunkline.protocol.events import Event

__all__ = ["TrunklineModel"]

_INTERRUPTED, _STATUS = "trunkline.interrupted", "trunkline.status"


class TrunklineModel(OpenAIRealtimeWebSocketModel):  # type: ignore[misc] # not installed where types are checked
    """A model whose sessions outlive their links; one for each session that runs at a time.

    `on_line` gets what the line tells by itself (`LineDropped`, `LineLive`, `LineGap` and others) and must be quick.
    `options` are those of `trunkline.connect`: `outage`, `policy`, `observers`, `telemetry`, `name` and others. What
    was played (by the session's playback tracker, or by the clock as the Agents SDK has it) is told to the line, which
    cuts an interrupted answer there and tells a new session no more of it.
    """

    def __init__(
        self,
        *,
        on_line: Callable[[Event], object] | None = None,
        **options: Unpack[LineOptions],
    ) -> None:
        super().__init__()
        self._on_line = on_line
        self._options = options
        self._config: RealtimeModelConfig = {}
        self._socket: LineSocket | None = None

    @property
    def line(self) -> Line:
        """The line of the session that runs. Raises LocalError if none does."""
        if self._socket is None:
            raise LocalError("using the line", "no session is connected")
        return self._socket.line

    async def connect(self, options: RealtimeModelConfig) -> None:
        """Dials, and returns when the line is live."""
        self._config = options
        await super().connect(options)

    async def close(self) -> None:
        """Ends the line, with a goodbye."""
        await super().close()
        self._socket = None

    async def send_event(self, event: RealtimeModelSendEvent) -> None:
        """Sends one event of the Agents SDK."""
        self._tell_played()
        await super().send_event(event)

    async def _create_websocket_connection(
        self, url: str, headers: dict[str, str], transport_config: object = None
    ) -> Any:
        """What the Agents SDK opens its connection with."""
        del transport_config
        shown = {"User-Agent": _USER_AGENT, **headers}

        async def ask() -> Address:
            if callable(self._config.get("api_key")) and self._config.get("headers") is None:
                shown["Authorization"] = f"Bearer {await get_api_key(self._config['api_key'])}"
            return Address(url=url, headers=tuple(shown.items()))

        options: LineOptions = {"session": self._format(), **self._options}
        if "policy" in options:
            del options["session"]
        self._socket = await LineSocket.open(ask, self._tell, options)
        return self._socket

    def _format(self) -> dict[str, Any]:
        """What a line must know before it dials: whether its audio is G.711."""
        settings = self._get_session_config(self._config.get("initial_model_settings", {}))
        audio = settings.audio.model_dump(exclude_unset=True)
        formats = {way: (audio.get(way) or {}).get("format") for way in ("input", "output")}
        if not any((one or {}).get("type") in LAWS for one in formats.values()):
            return {}
        return {"audio": {way: {"format": one} for way, one in formats.items()}}

    # What the line tells.

    def _tell(self, event: Event) -> dict[str, object] | None:
        if self._on_line is not None:
            self._on_line(event)
        if isinstance(event, events.Interrupted):
            return {"type": _INTERRUPTED, "item_id": event.item_id}
        if isinstance(event, events.LineDropped):
            return {"type": _STATUS, "status": "connecting"}
        if isinstance(event, events.LineLive):
            return {"type": _STATUS, "status": "connected"}
        return None

    async def _handle_ws_event(self, event: dict[str, Any]) -> None:
        if event.get("type") == _STATUS:
            await self._emit_event(RealtimeModelConnectionStatusEvent(status=event["status"]))
        elif event.get("type") == _INTERRUPTED:
            await self._interrupted(event["item_id"])
        else:
            self._tell_played()
            await super()._handle_ws_event(event)

    async def _interrupted(self, item_id: str) -> None:
        """The line has cut the answer: playback stops, and the Agents SDK has nothing left to cut."""
        stopped = RealtimeModelAudioInterruptedEvent(item_id=item_id, content_index=0)
        await self._emit_event(stopped)
        self._audio_state_tracker.on_interrupted()
        if self._playback_tracker is not None:
            self._playback_tracker.on_interrupted()

    def _tell_played(self) -> None:
        if self._socket is None:
            return
        state = self._get_playback_state()
        item_id, elapsed_ms = state["current_item_id"], state["elapsed_ms"]
        if item_id is not None and elapsed_ms is not None:
            line = self._socket.line
            line.played(item_id, int(elapsed_ms * line.config.policy.rate_hz / 1000))
