"""A recording as one page that needs nothing else: no script, no font, no address but its own anchors.

Every word that came from outside is clean already (`trunkline.text`) and is escaped once more where it becomes markup;
and the page itself forbids scripts and fetching, so that a string that slipped through would still do nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from trunkline.telemetry.charts import fleet_timeline, line_timeline, round_trips
from trunkline.telemetry.levels import THRESHOLDS, Level
from trunkline.telemetry.page_style import STYLE
from trunkline.telemetry.picture import svg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trunkline.telemetry.levels import Threshold
    from trunkline.telemetry.picture import Picture
    from trunkline.telemetry.snapshot import Alert, Books, Outage, Turn
    from trunkline.telemetry.story import LineStory

__all__ = ["page"]

_UNKNOWN = "–"
# Lines that are shown unfolded; of a large fleet an operator opens the one that matters.
_OPEN = 3
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_WORDS = {Level.OK: "ok", Level.WARNING: "warning", Level.BAD: "bad", Level.UNKNOWN: "faint"}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a table; figures stand at its right edge."""

    title: str
    figure: bool = False
    long: bool = False


def page(
    title: str,
    stories: Sequence[LineStory],
    *,
    version: str = "",
    thresholds: Mapping[str, Threshold] = THRESHOLDS,
) -> str:
    """The page as HTML; a recording without lines says so. Cost: about 1 ms a line."""
    body = [
        f"<h1>{_text(title)}</h1>",
        f'<p class="faint">{_text(_when(stories))}</p>',
        _tiles(stories),
    ]
    if not stories:
        body.append("<p>Nothing was recorded of any line.</p>")
    if len(stories) > 1:
        body.append(_fleet(stories))
    body += [
        _line(place, story, thresholds, folded=len(stories) > _OPEN)
        for place, story in enumerate(stories)
    ]
    body.append(
        f'<p class="faint">Made by trunkline {_text(version)} from a recording. All times are UTC.</p>'
    )
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">'
        f"<title>{_text(title)}</title><style>{STYLE}</style>"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n'
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _when(stories: Sequence[LineStory]) -> str:
    if not stories:
        return ""
    begins_at = min(story.begins_at for story in stories)
    ends_at = max(story.ends_at for story in stories)
    day = datetime.fromtimestamp(begins_at, UTC).strftime("%Y-%m-%d")
    return f"{day}, {_clock(begins_at)} to {_clock(ends_at)} UTC, {_length(ends_at - begins_at)}"


def _tiles(stories: Sequence[LineStory]) -> str:
    outages = [outage for story in stories for outage in story.outages]
    turns = sum(story.last.turns_total for story in stories)
    answered = sum(story.last.turns_answered for story in stories)
    lost_ms = sum(story.last.books.gap_ms for story in stories)
    worst = min(
        (value for story in stories if (value := story.worst_score) is not None), default=None
    )
    tiles = [
        (str(len(stories)), "line" if len(stories) == 1 else "lines"),
        (_percent(_availability(stories)), "available"),
        (str(len(outages)), "outages"),
        (_worst_score(worst), "lowest score"),
        (f"{answered} of {turns}", "turns answered"),
        (_audio(lost_ms), "audio lost"),
        (str(_raised(stories)), "alerts raised"),
    ]
    inner = "".join(
        f'<div class="tile"><b>{_text(value)}</b><span>{_text(name)}</span></div>'
        for value, name in tiles
    )
    return f'<div class="tiles">{inner}</div>'


def _fleet(stories: Sequence[LineStory]) -> str:
    columns = [
        _Column("line"), _Column("model"), _Column("ended as"), _Column("score", figure=True),
        _Column("RTT p95", figure=True), _Column("outages", figure=True), _Column("turns", figure=True),
        _Column("lost", figure=True), _Column("available", figure=True),
    ]  # fmt: skip
    rows = [_fleet_row(place, story) for place, story in enumerate(stories)]
    drawing = _figure(fleet_timeline(stories))
    return f"<section><h2>All lines</h2>{drawing}{_FLEET_KEY}{_table(columns, rows)}</section>"


def _fleet_row(place: int, story: LineStory) -> list[str]:
    last = story.last
    return [
        f'<a href="#line-{place}">{_text(last.name)}</a>',
        _text(last.model or _UNKNOWN),
        _text(last.state),
        _score(last.quality.score, last.quality.grade),
        _ms(last.rtt.p95_ms),
        str(len(story.outages)),
        f"{last.turns_answered}/{last.turns_total}",
        _audio(last.books.gap_ms),
        _percent(last.availability),
    ]


def _line(
    place: int, story: LineStory, thresholds: Mapping[str, Threshold], *, folded: bool
) -> str:
    last = story.last
    where = f"{last.model or 'unknown model'} @ {last.server or 'unknown server'}"
    heading = f"<h2>{_text(last.name)}</h2>"
    about = [
        where,
        f"session {last.session_id}" if last.session_id else "",
        f"ended as {last.state}",
    ]
    words = " · ".join(_text(part) for part in about if part)
    content = [
        f'<p class="faint">{words}</p>',
        _figure(line_timeline(story)),
        _STATE_KEY,
        "<h3>Round trips</h3>",
        _figure(round_trips(story, thresholds=thresholds)),
        _ROUND_TRIP_KEY,
        _quality(story),
        _part("Outages", _outages(story.outages), "No outage."),
        _part("Turns", _turns(story.turns), "No turn."),
        _part("Alerts", _alerts(story.alerts), "No alert was raised."),
        "<h3>Audio of the caller</h3>",
        _books(last.books),
    ]
    inner = "".join(content)
    if folded:
        return f'<details id="line-{place}"><summary>{heading}</summary>{inner}</details>'
    return f'<section id="line-{place}">{heading}{inner}</section>'


def _quality(story: LineStory) -> str:
    quality, rtt = story.last.quality, story.last.rtt
    parts = [f"Score at the end: {_score(quality.score, quality.grade)}"]
    parts += [f"{_text(name)} −{points:.0f}" for name, points in quality.deductions]
    if (worst := story.worst_score) is not None:
        parts.append(f"lowest {worst:.0f}")
    parts.append(f"ping p50 {_ms(rtt.p50_ms)}, p95 {_ms(rtt.p95_ms)} in the last minute")
    return f"<p>{'; '.join(parts)}.</p>"


def _outages(outages: Sequence[Outage]) -> str:
    columns = [
        _Column("at"), _Column("lasted", figure=True), _Column("code", figure=True), _Column("why", long=True),
        _Column("dials", figure=True), _Column("items", figure=True), _Column("replayed", figure=True),
        _Column("lost", figure=True),
    ]  # fmt: skip
    return _table(columns, [_outage_row(outage) for outage in outages])


def _outage_row(outage: Outage) -> list[str]:
    reason = f" ({outage.reason})" if outage.reason and outage.reason != outage.cause else ""
    return [
        _clock(outage.at),
        "unfinished" if outage.seconds is None else f"{outage.seconds:.2f} s",
        _UNKNOWN if outage.code is None else str(outage.code),
        _text(f"{outage.cause}{reason}{'; final' if outage.final else ''}"),
        str(outage.attempts),
        _UNKNOWN if outage.items is None else str(outage.items),
        _audio(outage.replayed_ms),
        _audio(outage.lost_ms),
    ]


def _turns(turns: Sequence[Turn]) -> str:
    columns = [
        _Column("#", figure=True), _Column("at"), _Column("user spoke", figure=True),
        _Column("first audio", figure=True), _Column("gap", figure=True), _Column("answer", figure=True),
        _Column("tokens in/out", figure=True), _Column("ended", long=True),
    ]  # fmt: skip
    return _table(columns, [_turn_row(turn) for turn in turns])


def _turn_row(turn: Turn) -> list[str]:
    return [
        str(turn.number),
        _clock(turn.at),
        _seconds(turn.user_s),
        _ms(turn.first_audio_ms),
        _ms(turn.gap_ms) + (" from the commit" if turn.gap_from_commit else ""),
        _seconds(turn.audio_s if turn.audio_s is not None else turn.response_s),
        f"{_count(turn.input_tokens)} / {_count(turn.output_tokens)}",
        _text(_ended(turn)),
    ]


def _ended(turn: Turn) -> str:
    parts = [turn.status or _UNKNOWN]
    if turn.interrupted:
        parts.append("interrupted" if turn.cut_ms is None else f"cut at {turn.cut_ms:.0f} ms")
    if turn.restarts:
        parts.append(f"taken up again ×{turn.restarts}")
    parts += [f"called {name}" for name in turn.tools]
    if turn.error:
        parts.append(f"error {turn.error}")
    return ", ".join(parts)


def _alerts(alerts: Sequence[Alert]) -> str:
    rows = [
        [
            _clock(alert.at),
            f'<span class="{_WORDS[alert.level]}">{alert.level.sign}</span>',
            _text(alert.text),
            _seconds(alert.at - alert.raised_at) if alert.level is Level.OK else "",
        ]
        for alert in alerts
    ]
    columns = [
        _Column("at"),
        _Column(""),
        _Column("what", long=True),
        _Column("lasted", figure=True),
    ]
    return _table(columns, rows)


def _books(books: Books) -> str:
    """The law as an equation: what the caller said, and what became of each millisecond."""
    verdict = {
        None: '<span class="faint">not compared with the line’s own count</span>',
        True: '<span class="ok">● the books balance</span>',
        False: f'<span class="bad">✖ off by {_audio(books.imbalance_ms)}</span>',
    }[books.balanced]
    parts = (
        f"accepted {_audio(books.accepted_ms)} = consumed {_audio(books.consumed_ms)} + "
        f"retained {_audio(books.retained_ms)} + lost {_audio(books.gap_ms)}"
    )
    return f"<p>{parts}; sent again {_audio(books.replayed_ms)}. {verdict}.</p>"


def _part(title: str, table: str, otherwise: str) -> str:
    return f"<h3>{title}</h3>" + (table or f'<p class="faint">{otherwise}</p>')


def _table(columns: Sequence[_Column], rows: Iterable[Sequence[str]]) -> str:
    """Rows of markup; nothing if there are none."""
    marks = [
        ' class="n"' if one.figure else ' class="w" dir="auto"' if one.long else ""
        for one in columns
    ]
    head = "".join(f"<th{mark}>{one.title}</th>" for mark, one in zip(marks, columns, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{mark}>{cell}</td>' for mark, cell in zip(marks, row, strict=True))}</tr>"
        for row in rows
    )
    if not body:
        return ""
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _figure(picture: Picture) -> str:
    return f'<div class="wide">{svg(picture)}</div>'


def _key(entries: Iterable[tuple[str, str]], words: str = "") -> str:
    inner = "".join(f'<i style="background:var(--{tone})"></i>{name}' for tone, name in entries)
    return f'<p class="key">{inner}{words}</p>'


_STATES = (("ok", "live"), ("warning", "connecting"), ("bad", "outage"))
_FLEET_KEY = _key(_STATES)
_STATE_KEY = _key(
    (*_STATES, ("user", "user speaks"), ("model", "model speaks")),
    " · in cells of 5 s, each as its worst moment; outages as long as they were",
)
_ROUND_TRIP_KEY = _key((("accent", "ping"), ("model", "kernel"), ("shade", "outage")))


def _raised(stories: Sequence[LineStory]) -> int:
    return sum(alert.level is not Level.OK for story in stories for alert in story.alerts)


def _availability(stories: Sequence[LineStory]) -> float | None:
    """Of all lines, each as heavy as it was long."""
    known = [
        (story.last.availability, story.last.age_s)
        for story in stories
        if story.last.availability is not None
    ]
    whole = sum(age for _, age in known)
    return sum(share * age for share, age in known) / whole if whole > 0 else None


def _text(value: str) -> str:
    return escape(value, quote=True)


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def _length(seconds: float) -> str:
    minutes, second = divmod(round(max(seconds, 0.0)), 60)
    hours, minute = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minute:02} min"
    return f"{minute} min {second:02} s" if minute else f"{second} s"


def _ms(value: float | None) -> str:
    if value is None:
        return _UNKNOWN
    return f"{value:.1f} ms" if 0 < abs(value) < 10 else f"{value:.0f} ms"


def _seconds(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.2f} s"


def _audio(value_ms: float | None) -> str:
    if value_ms is None:
        return _UNKNOWN
    return f"{value_ms:.0f} ms" if abs(value_ms) < 10_000 else f"{value_ms / 1000:.2f} s"


def _count(value: int | None) -> str:
    return _UNKNOWN if value is None else str(value)


def _percent(share: float | None) -> str:
    """Rounded down: 99.96 must not read 100."""
    return _UNKNOWN if share is None else f"{int(share * 10_000) / 100:.2f} %"


def _score(score: float | None, grade: str) -> str:
    return _UNKNOWN if score is None else f"{score:.0f} {_text(grade)}"


def _worst_score(score: float | None) -> str:
    return _UNKNOWN if score is None else f"{score:.0f}"
