"""What is known of all lines: a fold of the frames of any number of processes.

Each line has its own fold, and what all of them bring is counted beside (`telemetry.currents`). A fold can be written
down and read again, so that a recording can be entered anywhere.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from trunkline.errors import StreamError
from trunkline.telemetry import beat
from trunkline.telemetry.alerts import RULES, rules_of
from trunkline.telemetry.batch_fold import fold_batch
from trunkline.telemetry.currents import JITTER, KERNEL_RTT, SERIES_SECONDS, Currents, rate
from trunkline.telemetry.depth import FULL, LEAN, LEAN_FROM
from trunkline.telemetry.entries import Entries
from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.fleet_snapshot import FleetSnapshot, LineRow
from trunkline.telemetry.fold import RTT, LineFold
from trunkline.telemetry.frames import Beat, Began, Heard, Inspected, Told
from trunkline.telemetry.line_view import row_of, snapshot_of
from trunkline.telemetry.presence import CONDITIONS
from trunkline.telemetry.quality import GRADES, LOST, UNKNOWN
from trunkline.telemetry.recordform import UnknownWordError, read, told, written
from trunkline.telemetry.turns import BARGE_IN, FIRST_AUDIO, TURN_GAP
from trunkline.telemetry.windows import WINDOWS
from trunkline.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trunkline.telemetry.alerts import Rule
    from trunkline.telemetry.batch import Batch
    from trunkline.telemetry.frames import Frame
    from trunkline.telemetry.levels import Threshold
    from trunkline.telemetry.snapshot import Alert, LineSnapshot
    from trunkline.telemetry.views import Spread

__all__ = [
    "GRACE_SECONDS",
    "KEPT_ALERTS",
    "KEPT_ENDED_SECONDS",
    "KEYFRAME_VERSION",
    "FleetFold",
    "condition_of",
]

GRACE_SECONDS = 1.0
"""A second is whole so long after its end: its last beat may be on its way until then."""
KEYFRAME_VERSION = 1
"""Of what `dump` writes; fields only ever come in addition within one."""
KEPT_ALERTS = 200
"""How many alerts, raised and cleared, are remembered of the fleet."""
KEPT_ENDED_SECONDS = 600.0
"""For how long a line that ended stays on the screen."""

_DEFAULT_WINDOW = 300
# What a line keeps of its entries while nobody looks at it, and what of them goes into a keyframe.
_UNWATCHED_ENTRIES = 500
_DUMPED_ENTRIES = 100


@dataclass(slots=True)
class FleetFold:
    """Folds the frames of all lines.

    Not for two threads at once; what it returns never changes. A frame of a line that was never introduced is passed
    over.
    """

    lines: dict[str, LineFold] = field(default_factory=dict)
    second: int = 0
    """Unix seconds up to which all was counted that has no event of its own."""
    currents: Currents = field(default_factory=Currents)
    alerts: deque[Alert] = field(default_factory=deque)
    """What was raised and cleared, oldest first."""
    kept_entries: dict[str, Entries] = field(default_factory=dict)
    _rules: Mapping[str, Rule] = field(default_factory=lambda: RULES, init=False, repr=False)
    _window_s: int = field(default=_DEFAULT_WINDOW, init=False)
    _shown: dict[tuple[str, str, float], None] = field(default_factory=dict, init=False, repr=False)
    """The alerts that stand among the entries."""
    _watched: str | None = field(default=None, init=False)
    _is_apart: bool = field(default=False, init=False, repr=False)
    _settled: int = field(default=0, init=False)
    """Unix seconds up to which lines that say nothing were led on."""
    _rows: dict[str, tuple[int, int, LineRow]] = field(default_factory=dict, init=False)
    """Version of the fold, second of the age, and the row that was made then."""

    def apply(self, frame: Frame) -> None:
        """Take one frame; those of one line come in the order of their time. Cost: about 15 µs a beat."""
        fold = self.lines.get(frame.line)
        if fold is None:
            if type(frame) is Began:
                self._began(frame)
            return
        if type(frame) is Heard:
            # Audio is no state: who keeps it does so beside (`telemetry.sound`).
            return
        if type(frame) is Inspected:
            self._inspected(frame)
            return
        fold.apply(frame)
        if fold.alerts.fresh:
            self._hear(fold)
        if self._is_apart:
            return
        if type(frame) is Beat:
            unix = frame.at + fold.began.wall_offset
            if unix > self.second + 1 + GRACE_SECONDS:
                self._advance(unix)
            self.currents.beaten(frame, unix)
        elif type(frame) is Told:
            self.currents.told(frame, fold.measured(), frame.fact.at + fold.began.wall_offset)

    def apply_batch(self, batch: Batch) -> None:
        """Take the frames of a batch. Cost: less than half of theirs where nothing is counted of all lines together."""
        fold = self.lines.get(batch.line)
        if fold is None or not self._is_apart:
            for frame in batch.frames():
                self.apply(frame)
            return
        fold_batch(fold, batch)
        if fold.alerts.fresh:
            self._hear(fold)

    def take_apart(self) -> None:
        """From here on nothing is counted of all lines together: for who hands on what is known of each."""
        self._is_apart = True

    def window(self, seconds: int) -> None:
        """Percentiles and shares are wanted over this time from now on: one of `WINDOWS`."""
        if seconds not in WINDOWS:
            raise ValueError(f"a window is one of {WINDOWS} seconds, and not {seconds}")
        self._window_s = seconds

    def judge_by(self, thresholds: Mapping[str, Threshold]) -> None:
        """Other thresholds hold from now on (`thresholds.overridden`)."""
        self._rules = rules_of(thresholds)
        for fold in self.lines.values():
            fold.judge_by(self._rules)

    def watch(self, key: str | None) -> None:
        """This line is looked at from now on, and no other: all its entries are kept."""
        before, self._watched = self._watched, key
        for one in {before, key} - {None}:
            self._keep(one)

    def entries(self, key: str) -> Sequence[Entry]:
        """The inspector's lines of one line, oldest first; the same object until something changes."""
        kept = self.kept_entries.get(key)
        return () if kept is None else kept.view()

    def line(self, key: str, now_unix: float) -> LineSnapshot | None:
        """Everything that is known of one line; None for one that is not known."""
        fold = self.lines.get(key)
        if fold is None:
            return None
        now = now_unix - fold.began.wall_offset
        fold.settle(math.floor(now - GRACE_SECONDS))
        return snapshot_of(fold, now, self._window_s)

    def snapshot(self, now_unix: float) -> FleetSnapshot:
        """What is known of all of them, as a fleet screen wants it."""
        self._settle(now_unix)
        self._advance(now_unix)
        self._forget(now_unix)
        rows = tuple(self._row(key, fold, now_unix) for key, fold in self.lines.items())
        up, down, messages = self.currents.series(math.floor(now_unix - GRACE_SECONDS))
        window_s = self._window_s
        return FleetSnapshot(
            at=now_unix,
            window_s=self._window_s,
            rows=rows,
            states=self._conditions(),
            rtt=self._spread(RTT, now_unix),
            kernel_rtt=self._spread(KERNEL_RTT, now_unix),
            jitter=self._spread(JITTER, now_unix),
            first_audio=self._spread(FIRST_AUDIO, now_unix),
            turn_gap=self._spread(TURN_GAP, now_unix),
            barge_in=self._spread(BARGE_IN, now_unix),
            lateness=self._spread(beat.LATENESS, now_unix),
            loop_lag=self._spread(beat.LOOP_LAG, now_unix),
            up_bytes_per_s=rate(up),
            down_bytes_per_s=rate(down),
            up_series=up,
            down_series=down,
            events_per_s=rate(messages),
            availability=self.currents.availability(now_unix, window_s),
            state_shares=self.currents.shares(now_unix, window_s),
            grades=_grades(rows),
            errors=self.currents.errors(now_unix, window_s),
            alerts=tuple(reversed(self.alerts)),
            attention=sum(row.needs_attention for row in rows),
            processes=len({fold.began.process for fold in self.lines.values() if not fold.gone}),
        )

    def dump(self) -> bytes:
        """All that is known, as one JSON document, for `load`; some 20 KB a line. Of entries the newest are in it."""
        fields = told(self)
        fields["kept_entries"] = {
            key: {**told(kept), "kept": list(kept.kept)[-_DUMPED_ENTRIES:]}
            for key, kept in self.kept_entries.items()
        }
        return written({"v": KEYFRAME_VERSION, "kind": "fleet", **fields})

    @classmethod
    def load(cls, document: bytes) -> FleetFold:
        """What `dump` wrote. Raises StreamError for anything else, a dump of another version included."""
        try:
            found = orjson.loads(document)
        except orjson.JSONDecodeError as error:
            raise StreamError(f"a keyframe is no JSON: {error}") from None
        if not isinstance(found, dict) or found.get("v") != KEYFRAME_VERSION:
            raise StreamError(f"a keyframe is not of version {KEYFRAME_VERSION}")
        try:
            fleet: FleetFold = read(cls, found)
        except UnknownWordError:
            raise StreamError("a keyframe holds a word that is not known here") from None
        for key in fleet.lines:
            fleet._keep(key)
        return fleet

    def put(self, fold: LineFold, kept: Entries | None = None) -> None:
        """A line that was followed elsewhere, in place of what was known of it."""
        key = fold.began.line
        self.forget(key)
        self.lines[key] = fold
        fold.judge_by(self._rules)
        if kept is not None:
            self.kept_entries[key] = kept
        self._keep(key)

    def forget(self, key: str) -> None:
        """The line leaves the fleet; what it added to spreads and shares stays."""
        for known in (self.lines, self.kept_entries, self._rows):
            known.pop(key, None)

    # What frames add to the fleet.

    def _began(self, frame: Began) -> None:
        self.lines[frame.line] = fold = LineFold.begun(frame)
        fold.judge_by(self._rules)
        if len(self.lines) == LEAN_FROM + 1:
            for key in self.lines:
                self._keep(key)
        else:
            self._keep(frame.line)

    def _keep(self, key: str | None) -> None:
        """Much of a few lines and of the one that is watched, little of each of many."""
        depth = FULL if key == self._watched or len(self.lines) <= LEAN_FROM else LEAN
        if key in self.lines:
            self.lines[key].keep(depth)
        if key in self.kept_entries:
            watched = key == self._watched
            limit = depth.entries if watched else min(depth.entries, _UNWATCHED_ENTRIES)
            self.kept_entries[key].shrink(limit)

    def _hear(self, fold: LineFold) -> None:
        """Take the alerts of a line; one in new words takes the place of the old ones."""
        for alert in fold.alerts.news():
            lasting = alert.at == alert.raised_at
            self._show(alert, fold)
            same = (alert.line, alert.metric, alert.at)
            for n in range(len(self.alerts) - 1, -1, -1) if lasting else ():
                known = self.alerts[n]
                if (known.line, known.metric, known.at) == same:
                    self.alerts[n] = alert
                    break
            else:
                self.alerts.append(alert)
                if len(self.alerts) > KEPT_ALERTS:
                    self.alerts.popleft()

    def _show(self, alert: Alert, fold: LineFold) -> None:
        """Alerts stand among the messages that led to them; new words for an old one say nothing there."""
        kept = self.kept_entries.get(alert.line)
        if kept is None or (alert.line, alert.metric, alert.at) in self._shown:
            return
        self._shown[alert.line, alert.metric, alert.at] = None
        while len(self._shown) > KEPT_ALERTS:
            del self._shown[next(iter(self._shown))]
        at = alert.at - fold.began.wall_offset
        kind = clean(f"alert.{alert.metric}", limit_chars=40)
        kept.add(
            Entry(
                number=0,
                at=at,
                until=at,
                way=Way.LOCAL,
                type=kind,
                level=alert.level,
                note=alert.text,
            )
        )

    def _inspected(self, frame: Inspected) -> None:
        kept = self.kept_entries.get(frame.line)
        if kept is None:
            kept = self.kept_entries[frame.line] = Entries()
            self._keep(frame.line)
        kept.put(frame.entry)

    # What passes with time.

    def _settle(self, now_unix: float) -> None:
        """Lines that say nothing go on, too."""
        second = math.floor(now_unix - GRACE_SECONDS)
        if second <= self._settled:
            return
        self._settled = second
        for fold in self.lines.values():
            if not fold.is_over:
                fold.settle(math.floor(second - fold.began.wall_offset))
                if fold.alerts.fresh:
                    self._hear(fold)

    def _advance(self, now_unix: float) -> None:
        """Once a second what has no event of its own is counted; by frames, too: a recording may outrun its viewer."""
        second = math.floor(now_unix - GRACE_SECONDS)
        if second <= self.second:
            return
        passed = min(second - self.second, 1 if not self.second else SERIES_SECONDS)
        self.second = second
        folds = ((fold, condition_of(fold)) for fold in self.lines.values())
        self.currents.second(folds, second, passed)

    def _forget(self, now_unix: float) -> None:
        gone = [
            key
            for key, fold in self.lines.items()
            if fold.ended_at is not None
            and now_unix - fold.began.wall_offset - fold.ended_at > KEPT_ENDED_SECONDS
        ]
        for key in gone:
            self.forget(key)

    # Views.

    def _row(self, key: str, fold: LineFold, now_unix: float) -> LineRow:
        second = int(now_unix)
        made = self._rows.get(key)
        if made is None or self._is_stale(fold, made, second):
            made = (fold.version, second, row_of(fold, now_unix - fold.began.wall_offset))
            self._rows[key] = made
        return made[2]

    def _is_stale(self, fold: LineFold, made: tuple[int, int, LineRow], second: int) -> bool:
        """Whether a row must be made anew; of many lines nobody sees half a second, but for a change of state."""
        version, made_in, row = made
        if version == fold.version:
            return made_in != second and not fold.is_over
        are_few = len(self.lines) <= LEAN_FROM
        return made_in != second or are_few or row.state != fold.presence.state

    def _spread(self, metric: str, now_unix: float) -> Spread:
        return self.currents.spread(metric, now_unix, self._window_s)

    def _conditions(self) -> tuple[tuple[str, int], ...]:
        counted = Counter(map(condition_of, self.lines.values()))
        return tuple((name, counted[name]) for name in CONDITIONS)


def condition_of(fold: LineFold) -> str:
    """One of `presence.CONDITIONS`."""
    return "gone" if fold.gone else fold.presence.condition


def _grades(rows: tuple[LineRow, ...]) -> tuple[tuple[str, int], ...]:
    counted = Counter(row.grade for row in rows)
    names = (*(name for _, name in GRADES), LOST, UNKNOWN)
    return tuple((name, counted[name]) for name in names)
