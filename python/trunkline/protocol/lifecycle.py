"""The life of a line, as one table.

House rules: every change of state is a row of `TRANSITIONS`, and a pair that has no row is an error that
names both halves, so an illegal move needs no code. The table knows nothing of time, sockets or audio;
`connection.py` decides which input happened and carries out the actions in the order the row lists them.

Theory of operation. A line is *idle* until it is started. It then needs a link: it is *dialing* until the
upgrade is answered, *opening* until the server says `session.created` (only that proves that the key and
the model were accepted, since the upgrade succeeds with a bad key too), *configuring* until
`session.updated` confirms our settings, *restoring* while the new session is told what the old one knew
(for a first session that is nothing, and the state is left at once), and *live* after that. Audio goes to
the link only in *live*; before, the outbox keeps it.

Any of these can lose its link. What that means was judged before it came here, so there are three inputs
for it: *lost* (wait, then dial again), *expired* (the session had its time: dial at once) and *refused*
(final). A phase that takes too long is a lost link too. *Waiting* ends when the delay is over or when the
line's patience is. *Closing* waits for the close handshake, for a bounded time. *Closed* and *failed* are
ends: nothing leads out of them, and closing them again is no mistake.

Rotation has an input and no row yet: a line that is asked to rotate says so with a `LocalError`.
"""

from __future__ import annotations

from enum import Enum

from trunkline.errors import LocalError

__all__ = ["TRANSITIONS", "Action", "Input", "State", "step"]


class State(Enum):
    """Where a line stands."""

    IDLE = "idle"
    """Not started."""
    DIALING = "dialing"
    """A link is being opened."""
    OPENING = "opening"
    """The link is open; the server has not yet created a session."""
    CONFIGURING = "configuring"
    """The session exists; it has not yet confirmed our settings."""
    RESTORING = "restoring"
    """The session is being told what the one before knew."""
    LIVE = "live"
    """Audio flows."""
    WAITING = "waiting"
    """No link; the next attempt has its time."""
    CLOSING = "closing"
    """We are saying goodbye."""
    CLOSED = "closed"
    """Ended, as the application asked."""
    FAILED = "failed"
    """Ended, since it cannot be recovered."""


class Input(Enum):
    """What can happen to a line."""

    START = "start"
    CLOSE = "close"
    ROTATE = "rotate"
    LINK_OPENED = "link opened"
    SESSION_CREATED = "session created"
    CONFIGURED = "configured"
    RESTORED = "restored"
    LINK_LOST = "link lost"
    LINK_EXPIRED = "link expired"
    LINK_REFUSED = "link refused"
    RETRY_DUE = "retry due"
    GAVE_UP = "gave up"
    GOODBYE_OVERDUE = "goodbye overdue"


class Action(Enum):
    """What the connection does about it."""

    DIAL = "dial"
    """Ask the driver for a link of a new epoch."""
    AWAIT_SESSION = "await session"
    """Give the server its deadline for `session.created`."""
    CONFIGURE = "configure"
    """Send the desired settings."""
    RESTORE = "restore"
    """Send the ledger and the un-committed audio."""
    GO_LIVE = "go live"
    """Let audio and queued requests flow."""
    PLAN_RETRY = "plan retry"
    """Choose when to dial again."""
    SAY_GOODBYE = "say goodbye"
    """Ask the driver for a close handshake."""
    DROP_LINK = "drop link"
    """Ask the driver to abort the link."""
    FINISH = "finish"
    """Tell the application that the line is over."""


_Row = tuple[State, tuple[Action, ...]]

_LOST: _Row = (State.WAITING, (Action.PLAN_RETRY,))
_EXPIRED: _Row = (State.DIALING, (Action.DIAL,))
_REFUSED: _Row = (State.FAILED, (Action.FINISH,))
_GOODBYE: _Row = (State.CLOSING, (Action.SAY_GOODBYE,))
_OVER: _Row = (State.CLOSED, (Action.FINISH,))

TRANSITIONS: dict[tuple[State, Input], _Row] = {
    (State.IDLE, Input.START): (State.DIALING, (Action.DIAL,)),
    (State.IDLE, Input.CLOSE): _OVER,
    (State.DIALING, Input.LINK_OPENED): (State.OPENING, (Action.AWAIT_SESSION,)),
    (State.DIALING, Input.LINK_LOST): _LOST,
    (State.DIALING, Input.LINK_EXPIRED): _EXPIRED,
    (State.DIALING, Input.LINK_REFUSED): _REFUSED,
    (State.DIALING, Input.CLOSE): (State.CLOSED, (Action.DROP_LINK, Action.FINISH)),
    (State.OPENING, Input.SESSION_CREATED): (State.CONFIGURING, (Action.CONFIGURE,)),
    (State.OPENING, Input.LINK_LOST): _LOST,
    (State.OPENING, Input.LINK_EXPIRED): _EXPIRED,
    (State.OPENING, Input.LINK_REFUSED): _REFUSED,
    (State.OPENING, Input.CLOSE): _GOODBYE,
    (State.CONFIGURING, Input.CONFIGURED): (State.RESTORING, (Action.RESTORE,)),
    (State.CONFIGURING, Input.LINK_LOST): _LOST,
    (State.CONFIGURING, Input.LINK_EXPIRED): _EXPIRED,
    (State.CONFIGURING, Input.LINK_REFUSED): _REFUSED,
    (State.CONFIGURING, Input.CLOSE): _GOODBYE,
    (State.RESTORING, Input.RESTORED): (State.LIVE, (Action.GO_LIVE,)),
    (State.RESTORING, Input.LINK_LOST): _LOST,
    (State.RESTORING, Input.LINK_EXPIRED): _EXPIRED,
    (State.RESTORING, Input.LINK_REFUSED): _REFUSED,
    (State.RESTORING, Input.CLOSE): _GOODBYE,
    (State.LIVE, Input.LINK_LOST): _LOST,
    (State.LIVE, Input.LINK_EXPIRED): _EXPIRED,
    (State.LIVE, Input.LINK_REFUSED): _REFUSED,
    (State.LIVE, Input.CLOSE): _GOODBYE,
    (State.WAITING, Input.RETRY_DUE): (State.DIALING, (Action.DIAL,)),
    (State.WAITING, Input.GAVE_UP): _REFUSED,
    (State.WAITING, Input.CLOSE): _OVER,
    (State.CLOSING, Input.LINK_LOST): _OVER,
    (State.CLOSING, Input.LINK_EXPIRED): _OVER,
    (State.CLOSING, Input.LINK_REFUSED): _OVER,
    (State.CLOSING, Input.GOODBYE_OVERDUE): (State.CLOSED, (Action.DROP_LINK, Action.FINISH)),
    (State.CLOSING, Input.CLOSE): (State.CLOSING, ()),
    (State.CLOSED, Input.CLOSE): (State.CLOSED, ()),
    (State.FAILED, Input.CLOSE): (State.FAILED, ()),
}
"""Every legal move; the diagram in docs/lifecycle.md is drawn from it."""


def step(state: State, happened: Input) -> _Row:
    """The next state and what to do on the way.

    Raises LocalError, naming both, if the input is not possible in the state.
    """
    row = TRANSITIONS.get((state, happened))
    if row is None:
        raise LocalError(happened.value, state.value)
    return row
