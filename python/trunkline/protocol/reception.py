"""What the current session says: each message is read and told, and moves the lifecycle, the restore or the books."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.protocol import events, wire
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import FLOWING, Input, State
from trunkline.protocol.observations import Direction

if TYPE_CHECKING:
    from trunkline.audio.codec import Law
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.drains import Drains
    from trunkline.protocol.events import Event
    from trunkline.protocol.notices import Notices
    from trunkline.protocol.observations import Observation
    from trunkline.protocol.restore import Restore
    from trunkline.protocol.supervisor import Supervisor
    from trunkline.protocol.watchdog import Watchdog

__all__ = ["Reception"]

_EXPIRED = "session_expired"
_NAMED = "conversation.created"


class Reception:
    """Takes the messages of the current link; `connection.py` is its only caller."""

    def __init__(
        self,
        conversation: Conversation,
        restore: Restore,
        drains: Drains,
        *,
        supervisor: Supervisor,
        watchdog: Watchdog,
        notices: Notices,
        law: Law | None = None,
    ) -> None:
        self._law = law
        self._conversation = conversation
        self._restore = restore
        self._drains = drains
        self._supervisor = supervisor
        self._rotation = supervisor.rotation
        self._watchdog = watchdog
        self._notices = notices
        self._now = 0.0

    def receive(self, message: bytes, now: float) -> None:
        """One text message; bad ones are observed and survived."""
        self._now = now
        if self._supervisor.link.liveness is not None:
            self._supervisor.link.liveness.received(now)
        received = wire.decode(message, law=self._law)
        if isinstance(received, wire.Malformed):
            self._anomaly(received.reason, received.sample)
            self._supervisor.garbled(now)
            return
        self._observe(
            seen.MessagePassed(
                at=now,
                epoch=self._drains.epoch,
                direction=Direction.DOWN,
                type=received.type,
                size_bytes=len(message),
                message=message,
            )
        )
        self._supervisor.link.said(received.event, now)
        self._watchdog.heard(received.type, now)
        self._notices.take(received.event, now)
        if type(received.event) is events.AudioDelta and self._supervisor.state in FLOWING:
            # Most of what comes, and none of the questions of `_take` is about it.
            self._conversation.receive(received.event, now)
        else:
            self._take(received.event)
        if isinstance(received.event, events.Refusal) and received.event.code == _EXPIRED:
            self._supervisor.expired(now)
        self._rotation.noticed(received.event, now)

    def _take(self, event: Event) -> None:
        state = self._supervisor.state
        if state is State.CLOSING:
            # What a restore or a rotation was asked to do before the goodbye is still answered.
            ours = self._restore.absorbs(event, self._now) or self._rotation.absorbs(
                event, self._now
            )
            if not ours:
                self._conversation.receive(event, self._now)
        elif isinstance(event, events.SessionCreated):
            self._session_created(event)
        elif isinstance(event, events.Raw) and event.type == _NAMED:
            self._conversation_named(event)
        elif isinstance(event, events.Refusal) and self._restore.is_settings(event.request_id):
            self._settings_refused(event)
        elif self._restore.swallows(event) or self._rotation.absorbs(event, self._now):
            pass
        elif isinstance(event, events.SessionUpdated) and state is State.CONFIGURING:
            if self._restore.adopt() and self._restore.goes_on(self._now):
                self._confirmed(event, Input.CONFIGURED)
        elif state is State.CONFIGURING and self._restore.is_given_back(event):
            pass
        elif state is State.RESTORING and self._restore.is_last_word(event):
            self._confirmed(event, Input.RESTORED)
        elif not self._restore.absorbs(event, self._now):
            if isinstance(event, events.ResponseDone) and event.status == "completed":
                self._supervisor.useful()
            self._conversation.receive(event, self._now)

    def _settings_refused(self, refusal: events.Refusal) -> None:
        refused = self._restore.reconfigure()
        if refused is None:
            self._supervisor.refuse_settings(refusal, self._now)
        else:
            told = (replace(refusal, request_id=event_id) for event_id in refused)
            self._drains.events.extend(told)

    def _confirmed(self, event: Event, happened: Input) -> None:
        self._drains.events.append(event)
        self._supervisor.step(happened, self._now)

    def _conversation_named(self, event: events.Raw) -> None:
        conversation = event.data.get("conversation")
        name = _text(conversation.get("id")) if isinstance(conversation, dict) else ""
        self._restore.named(
            name, self._now, configuring=self._supervisor.state is State.CONFIGURING
        )
        self._drains.events.append(event)

    def _session_created(self, event: events.SessionCreated) -> None:
        if self._supervisor.state is not State.OPENING and not self._restore.is_attached:
            self._anomaly("a second session.created", "")
            return
        session = event.session
        self._conversation.ledger.settings.begun(session)
        expires_at = session.get("expires_at")
        self._observe(
            seen.SessionReady(
                at=self._now,
                epoch=self._drains.epoch,
                session_id=_text(session.get("id")),
                model=_text(session.get("model")),
                expires_at=float(expires_at) if isinstance(expires_at, int | float) else None,
            )
        )
        self._drains.events.append(event)
        if not self._restore.is_attached:
            self._rotation.session_created(event, self._now)
            self._supervisor.step(Input.SESSION_CREATED, self._now)

    def _anomaly(self, kind: str, sample: str) -> None:
        self._observe(
            seen.Anomaly(at=self._now, epoch=self._drains.epoch, kind=kind, sample=sample)
        )

    def _observe(self, observation: Observation) -> None:
        self._drains.observations.append(observation)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
