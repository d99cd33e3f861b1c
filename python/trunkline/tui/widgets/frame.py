"""The edges of a panel, with words in them at the left and at the right."""

from __future__ import annotations

from trunkline.tui.cells import clip
from trunkline.tui.ink import Line, Span, Tone, fit, line_width

__all__ = ["LEAST_CELLS", "bottom_edge", "top_edge"]

LEAST_CELLS = 6
"""A narrower panel has no words in its edges."""


def top_edge(title: str, hint: str, width: int, tone: Tone) -> Line:
    """`┌─ title ──── hint ─┐`; the hint goes first where both do not fit."""
    return _edge("┌┐", (title, hint), width, tone)


def bottom_edge(note: str, width: int, tone: Tone) -> Line:
    """`└──────── note ─┘`."""
    return _edge("└┘", ("", note), width, tone)


def _edge(corners: str, words: tuple[str, str], width: int, tone: Tone) -> Line:
    left, right = corners[0], corners[1]
    title, hint = words
    if width < LEAST_CELLS:
        return fit((Span(left + "─" * max(width - 2, 0) + right, tone),), width)
    inner = width - 2
    head = _words(title, inner, "─ ", " ")
    tail = _words(hint, inner - line_width(head) - 1, " ", " ─")
    rule = "─" * (inner - line_width(head) - line_width(tail))
    return (
        Span(left, tone),
        *((Span("─", tone), Span(head[0].text[1:], Tone.TITLE)) if head else ()),
        Span(rule, tone),
        *((Span(tail[0].text[:-1], Tone.DIM), Span("─", tone)) if tail else ()),
        Span(right, tone),
    )


def _words(words: str, room: int, before: str, after: str) -> Line:
    room -= len(before) + len(after)
    if not words or room < min(len(words), 4):
        return ()
    return (Span(f"{before}{clip(words, room)}{after}"),)
