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
(final). A phase that takes too long is a lost link too. Somebody may also wish another link (*reconnect*): then
the current one is left, and any wait is over. *Waiting* ends when the delay is over or when the line's patience
is. *Closing* waits for the close handshake, for a bounded time. *Closed* and *failed* are ends: nothing leads out
of them, and closing them again is no mistake.

*Rotating* is live with a second link beside the first: audio and events still belong to the first. The second has
a table of its own, `PHASES`, since it may fail and be tried again without anything happening to the line. When it
knows all that the first does, the line *switches* and is live on it. If the first link ends before, the second
takes its place as far as it has come (*promoted*): the line goes on in the state that the second is in.
"""

from __future__ import annotations

from enum import Enum

from trunkline.errors import LocalError

__all__ = [
    "FLOWING",
    "OVER",
    "PHASES",
    "TRANSITIONS",
    "Action",
    "Input",
    "Phase",
    "State",
    "next_phase",
    "step",
]


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
    ROTATING = "rotating"
    """Audio flows over one link, and a second is being made ready to take over."""
    WAITING = "waiting"
    """No link; the next attempt has its time."""
    CLOSING = "closing"
    """We are saying goodbye."""
    CLOSED = "closed"
    """Ended, as the application asked."""
    FAILED = "failed"
    """Ended, since it cannot be recovered."""

    # Every message asks whether the state is in some set, and that of Enum is written in Python.
    __hash__ = object.__hash__


FLOWING = frozenset({State.LIVE, State.ROTATING})
"""The states in which audio and events flow."""
OVER = frozenset({State.CLOSING, State.CLOSED, State.FAILED})
"""The states in which nothing is taken any more."""


class Phase(Enum):
    """Where the second link of a rotation stands."""

    WAITING = "waiting"
    """There is none; the next attempt has its time."""
    DIALING = "dialing"
    """It is being opened."""
    OPENING = "opening"
    """It is open; the server has not yet created a session."""
    CONFIGURING = "configuring"
    """Its session has not yet confirmed our settings."""
    RESTORING = "restoring"
    """Its session is being told what the first one knows, and what it learns meanwhile."""
    READY = "ready"
    """Its session knows all that the first one does; the line waits for a good moment to switch."""


class Input(Enum):
    """What can happen to a line."""

    START = "start"
    CLOSE = "close"
    ROTATE = "rotate"
    RECONNECT = "reconnect"
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
    FELL_BEHIND = "fell behind"
    SWITCH_DUE = "switch due"
    ROTATION_ENDED = "rotation ended"
    PROMOTED_DIALING = "promoted while dialing"
    PROMOTED_OPENING = "promoted while opening"
    PROMOTED = "promoted"


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
    BEGIN_ROTATION = "begin rotation"
    """Plan the dial of a second link."""
    SWITCH = "switch"
    """Let the second link carry audio and events from here on; say goodbye to the first."""
    END_ROTATION = "end rotation"
    """Give the second link up, if there is one."""
    PROMOTE = "promote"
    """The second link is the line's link from here on."""


_Row = tuple[State, tuple[Action, ...]]

_LOST: _Row = (State.WAITING, (Action.PLAN_RETRY,))
_EXPIRED: _Row = (State.DIALING, (Action.DIAL,))
_ANEW = _EXPIRED
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
    (State.DIALING, Input.RECONNECT): _ANEW,
    (State.DIALING, Input.CLOSE): (State.CLOSED, (Action.DROP_LINK, Action.FINISH)),
    (State.OPENING, Input.SESSION_CREATED): (State.CONFIGURING, (Action.CONFIGURE,)),
    (State.OPENING, Input.LINK_LOST): _LOST,
    (State.OPENING, Input.LINK_EXPIRED): _EXPIRED,
    (State.OPENING, Input.LINK_REFUSED): _REFUSED,
    (State.OPENING, Input.RECONNECT): _ANEW,
    (State.OPENING, Input.CLOSE): _GOODBYE,
    (State.CONFIGURING, Input.CONFIGURED): (State.RESTORING, (Action.RESTORE,)),
    (State.CONFIGURING, Input.LINK_LOST): _LOST,
    (State.CONFIGURING, Input.LINK_EXPIRED): _EXPIRED,
    (State.CONFIGURING, Input.LINK_REFUSED): _REFUSED,
    (State.CONFIGURING, Input.RECONNECT): _ANEW,
    (State.CONFIGURING, Input.CLOSE): _GOODBYE,
    (State.RESTORING, Input.RESTORED): (State.LIVE, (Action.GO_LIVE,)),
    (State.RESTORING, Input.LINK_LOST): _LOST,
    (State.RESTORING, Input.LINK_EXPIRED): _EXPIRED,
    (State.RESTORING, Input.LINK_REFUSED): _REFUSED,
    (State.RESTORING, Input.RECONNECT): _ANEW,
    (State.RESTORING, Input.CLOSE): _GOODBYE,
    (State.LIVE, Input.LINK_LOST): _LOST,
    (State.LIVE, Input.LINK_EXPIRED): _EXPIRED,
    (State.LIVE, Input.LINK_REFUSED): _REFUSED,
    (State.LIVE, Input.RECONNECT): _ANEW,
    (State.LIVE, Input.CLOSE): _GOODBYE,
    (State.LIVE, Input.ROTATE): (State.ROTATING, (Action.BEGIN_ROTATION,)),
    (State.ROTATING, Input.ROTATE): (State.ROTATING, ()),
    (State.ROTATING, Input.SWITCH_DUE): (State.LIVE, (Action.SWITCH,)),
    (State.ROTATING, Input.ROTATION_ENDED): (State.LIVE, (Action.END_ROTATION,)),
    (State.ROTATING, Input.PROMOTED_DIALING): (State.DIALING, (Action.PROMOTE,)),
    (State.ROTATING, Input.PROMOTED_OPENING): (State.OPENING, (Action.PROMOTE,)),
    (State.ROTATING, Input.PROMOTED): (State.CONFIGURING, (Action.PROMOTE, Action.CONFIGURE)),
    (State.ROTATING, Input.LINK_LOST): (State.WAITING, (Action.END_ROTATION, Action.PLAN_RETRY)),
    (State.ROTATING, Input.LINK_EXPIRED): (State.DIALING, (Action.END_ROTATION, Action.DIAL)),
    (State.ROTATING, Input.LINK_REFUSED): (State.FAILED, (Action.END_ROTATION, Action.FINISH)),
    (State.ROTATING, Input.RECONNECT): (State.DIALING, (Action.END_ROTATION, Action.DIAL)),
    (State.ROTATING, Input.CLOSE): (State.CLOSING, (Action.END_ROTATION, Action.SAY_GOODBYE)),
    (State.WAITING, Input.RETRY_DUE): (State.DIALING, (Action.DIAL,)),
    (State.WAITING, Input.RECONNECT): _ANEW,
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

PHASES: dict[tuple[Phase, Input], Phase] = {
    (Phase.WAITING, Input.RETRY_DUE): Phase.DIALING,
    (Phase.DIALING, Input.LINK_OPENED): Phase.OPENING,
    (Phase.DIALING, Input.LINK_LOST): Phase.WAITING,
    (Phase.OPENING, Input.SESSION_CREATED): Phase.CONFIGURING,
    (Phase.OPENING, Input.LINK_LOST): Phase.WAITING,
    (Phase.CONFIGURING, Input.CONFIGURED): Phase.RESTORING,
    (Phase.CONFIGURING, Input.LINK_LOST): Phase.WAITING,
    (Phase.RESTORING, Input.RESTORED): Phase.READY,
    (Phase.RESTORING, Input.LINK_LOST): Phase.WAITING,
    (Phase.READY, Input.FELL_BEHIND): Phase.RESTORING,
    (Phase.READY, Input.LINK_LOST): Phase.WAITING,
}
"""Every legal move of a rotation's second link, while the line is `rotating`."""


def step(state: State, happened: Input) -> _Row:
    """The next state and what to do on the way.

    Raises LocalError, naming both, if the input is not possible in the state.
    """
    row = TRANSITIONS.get((state, happened))
    if row is None:
        raise LocalError(happened.value, state.value)
    return row


def next_phase(phase: Phase, happened: Input) -> Phase:
    """Where the second link stands next. Raises LocalError if the input is not possible in the phase."""
    following = PHASES.get((phase, happened))
    if following is None:
        raise LocalError(happened.value, phase.value)
    return following
