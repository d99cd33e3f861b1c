"""Small bugs for the core, each switched on by a test: the campaign is worth what it finds of them.

To add one is to add a function; its name is the bug, its argument a monkeypatch.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.protocol import (
    backoff,
    bookkeeper,
    connection,
    conversation,
    ledger,
    liveness,
    outbox,
    repetition,
    replay,
    restore,
    settings,
    supervisor,
    turns,
    wire,
)
from trunkline.protocol.closure import Disposition, judge
from trunkline.protocol.drains import Dial
from trunkline.protocol.entry import EntryKind
from trunkline.protocol.lifecycle import Input
from trunkline.protocol.observations import AudioTruncated

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    Patch = pytest.MonkeyPatch

BUGS: dict[str, Callable[[Patch], None]] = {}


def bug(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
    BUGS[plant.__name__.replace("_", " ")] = plant
    return plant


def after(patch: Patch, owner: type, name: str, then: Callable) -> None:
    """The method does what it did, and then this with the same arguments."""
    original = getattr(owner, name)

    def both(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        changed = then(self, *args, **kwargs)
        return result if changed is None else changed

    instead(patch, owner, name, both)


def instead(patch: Patch, owner: type, name: str, deed: Callable) -> None:
    original = getattr(owner, name)
    patch.setattr(owner, name, deed)
    # Tables of what handles what hold the methods themselves, for all lines.
    module = sys.modules[getattr(owner, "__module__", owner.__name__)]
    for table in [one for one in vars(module).values() if isinstance(one, dict)]:
        for key in [key for key, value in table.items() if value is original]:
            patch.setitem(table, key, deed)


# Retries.


@bug
def budget_forgiven_on_connect(patch):
    after(patch, backoff.Backoff, "live", lambda self, now: setattr(self, "attempt", 0))


@bug
def retry_after_ignored(patch):
    original = backoff.Backoff.plan
    instead(
        patch, backoff.Backoff, "plan", lambda self, now, draw, floor=0.0: original(self, now, draw)
    )


@bug
def no_delay_between_retries(patch):
    instead(patch, backoff, "retry_delay", lambda policy, **_: 0.0)


@bug
def delay_never_grows(patch):
    original = backoff.retry_delay
    instead(
        patch,
        backoff,
        "retry_delay",
        lambda policy, attempt, draw, floor=0.0: original(
            policy, attempt=1, draw=draw, floor=floor
        ),
    )


@bug
def fatal_treated_as_retry(patch):
    patch.setitem(supervisor._INPUTS, Disposition.FATAL, Input.LINK_LOST)


@bug
def retry_treated_as_fatal(patch):
    patch.setitem(supervisor._INPUTS, Disposition.RETRY, Input.LINK_REFUSED)


@bug
def gives_up_after_ten_seconds(patch):
    original = backoff.Backoff.__init__

    def impatient(self, policy, budget):
        original(self, replace(policy, patience=10.0), budget)

    instead(patch, backoff.Backoff, "__init__", impatient)


@bug
def refused_credential_used_again(patch):
    instead(
        patch,
        repetition,
        "judge",
        lambda closure, **known: replace(judge(closure, **known), refresh_credential=False),
    )


@bug
def second_401_not_final(patch):
    instead(patch, repetition, "judge", lambda closure, **_: judge(closure))


@bug
def dials_twice(patch):
    after(
        patch,
        supervisor.Supervisor,
        "_dial",
        lambda self: self._drains.actions.append(
            Dial(epoch=self._drains.epoch + 1, refresh_credential=False)
        ),
    )


# Deadlines and liveness.


@bug
def no_deadline_for_dialing(patch):
    after(patch, supervisor.Supervisor, "_dial", lambda self: setattr(self, "_phase_ends_at", None))


@bug
def no_deadline_for_a_session(patch):
    instead(
        patch,
        supervisor.Supervisor,
        "_await_ready",
        lambda self: setattr(self, "_phase_ends_at", None),
    )


@bug
def no_deadline_for_the_goodbye(patch):
    after(
        patch,
        supervisor.Supervisor,
        "_say_goodbye",
        lambda self: setattr(self, "_phase_ends_at", None),
    )


@bug
def liveness_never_fires(patch):
    instead(patch, liveness.Liveness, "check_at", lambda self: float("inf"))


@bug
def liveness_fires_on_a_slow_link(patch):
    instead(
        patch,
        liveness.Liveness,
        "progress",
        lambda self, acked_bytes, now: setattr(self, "_acked_bytes", acked_bytes),
    )


@bug
def liveness_fires_after_half_a_second(patch):
    instead(patch, liveness.Liveness, "threshold", lambda self: 0.5)


@bug
def pongs_are_ignored(patch):
    instead(patch, liveness.Liveness, "pong", lambda self, payload, now: None)


@bug
def dead_link_not_dropped(patch):
    instead(patch, supervisor.Supervisor, "_drop_link", lambda self: None)


@bug
def no_epoch_fence(patch):
    instead(
        patch,
        supervisor.Supervisor,
        "is_current",
        lambda self, epoch, what, now: self.state not in supervisor._LINKLESS,
    )


# The audio.


@bug
def replay_off_by_one_chunk(patch):
    after(
        patch,
        outbox.Outbox,
        "_rewind",
        lambda self: setattr(self, "_cursor", min(self._end, self._cursor + 2400)),
    )


@bug
def replay_begins_too_early(patch):
    after(
        patch, outbox.Outbox, "restart", lambda self, **_: setattr(self, "_items", outbox.SpanSet())
    )


@bug
def no_replay_at_all(patch):
    after(patch, outbox.Outbox, "_rewind", lambda self: setattr(self, "_cursor", self._reached))


@bug
def audio_released_when_sent(patch):
    after(patch, outbox.Outbox, "_cut", lambda self, stop: self.consume(0, stop, "sent"))


@bug
def audio_released_by_a_pong(patch):
    after(patch, outbox.Outbox, "heard", lambda self, position: self.consume_silence(position))


@bug
def audio_released_at_the_commit(patch):
    def at_once(self, item_id):
        entry = self.ledger.get(item_id)
        if entry is not None and entry.span is not None:
            self.outbox.consume(*entry.span, "committed")

    instead(patch, conversation.Conversation, "_give_up_audio", at_once)


@bug
def speech_taken_for_silence(patch):
    after(
        patch,
        conversation.Conversation,
        "_speech_started",
        lambda self, event, now: self.outbox.consume_silence(self.outbox.cursor),
    )


@bug
def transcript_given_to_another_item(patch):
    original = ledger.Ledger.heard_words

    def misattributed(self, item_id, text):
        spoken = [one for one in self._entries if one.kind is ledger.EntryKind.SPOKEN]
        original(self, spoken[0].id if spoken else item_id, text)

    instead(patch, ledger.Ledger, "heard_words", misattributed)


@bug
def gap_announced_late(patch):
    original = bookkeeper.Bookkeeper._gap

    def late(self, gap, now):
        waiting = self.__dict__.setdefault("_late", [])
        waiting.append(gap)
        if len(waiting) > 1:
            original(self, waiting.pop(0), now)

    instead(patch, bookkeeper.Bookkeeper, "_gap", late)


@bug
def gap_never_announced(patch):
    instead(patch, bookkeeper.Bookkeeper, "_gap", lambda self, gap, now: None)


@bug
def stale_audio_settled_as_silence(patch):
    instead(
        patch,
        outbox.Outbox,
        "_announce_gap",
        lambda self, start, end, reason: self.consume(start, end, "heard"),
    )


@bug
def cursor_skips_a_millisecond(patch):
    after(patch, outbox.Outbox, "_cut", lambda self, stop: setattr(self, "_cursor", stop + 24))


@bug
def cursor_goes_back_a_millisecond(patch):
    after(patch, outbox.Outbox, "_cut", lambda self, stop: setattr(self, "_cursor", stop - 24))


@bug
def samples_swapped_in_memory(patch):
    original = outbox.Outbox.pcm
    instead(
        patch,
        outbox.Outbox,
        "pcm",
        lambda self, start, end: original(self, start, end)[2:] + b"\0\0",
    )


@bug
def server_clock_kept_over_links(patch):
    original = outbox.Outbox._rewind

    def kept(self):
        axis = self._axis
        original(self)
        self._axis = axis

    instead(patch, outbox.Outbox, "_rewind", kept)


@bug
def commit_forgotten_with_the_link(patch):
    original = outbox.Outbox.mark
    instead(
        patch,
        outbox.Outbox,
        "mark",
        lambda self, type_, event_id, message, lasting=False: original(
            self, type_, event_id, message
        ),
    )


@bug
def commit_overtakes_the_audio(patch):
    def hasty(self, type_, event_id, message, lasting=False):
        self._marks.appendleft(
            outbox.Mark(position=0, type=type_, event_id=event_id, message=message, lasting=lasting)
        )

    instead(patch, outbox.Outbox, "mark", hasty)


# The conversation.


@bug
def truncated_by_what_was_received(patch):
    def by_received(self, item_id, now):
        entry = self.ledger.get(item_id)
        if entry is None or not entry.received_samples or entry.replayed:
            return
        heard_ms = entry.received_samples * 1000 // self._rate_hz
        self._drains.observations.append(
            AudioTruncated(at=now, epoch=self._drains.epoch, item_id=item_id, heard_ms=heard_ms)
        )
        request = {
            "type": "conversation.item.truncate",
            "item_id": entry.id,
            "content_index": 0,
            "audio_end_ms": heard_ms,
        }
        self._drains.messages.append((request["type"], wire.encode(request)))

    instead(patch, conversation.Conversation, "_truncate_to_heard", by_received)


@bug
def late_deltas_are_played(patch):
    instead(patch, turns.Turns, "is_late", lambda self, response_id: False)


@bug
def owed_answer_lost(patch):
    instead(patch, turns.Turns, "resume", lambda self, plain: None)


@bug
def answer_asked_twice(patch):
    after(patch, turns.Turns, "done", lambda self, response_id: setattr(self, "owed", True))


@bug
def requests_not_queued(patch):
    original = turns.Turns.ask

    def forgetful(self, request, *, live):
        sent = original(self, request, live=live)
        self._queue.clear()
        self.owed = sent is not None
        return sent

    instead(patch, turns.Turns, "ask", forgetful)


@bug
def item_order_swapped(patch):
    original = ledger.Ledger.replay

    def swapped(self, *args, **kwargs):
        replay = original(self, *args, **kwargs)
        return replace(replay, items=replay.items[2:] + replay.items[:2])

    instead(patch, ledger.Ledger, "replay", swapped)


@bug
def spoken_items_not_restored(patch):
    original = replay._paired
    instead(
        patch,
        replay,
        "_paired",
        lambda entries: [one for one in original(entries) if one.kind is not EntryKind.SPOKEN],
    )


@bug
def typed_items_not_restored(patch):
    original = replay._paired
    instead(
        patch,
        replay,
        "_paired",
        lambda entries: [one for one in original(entries) if one.kind is not EntryKind.CREATED],
    )


@bug
def deleted_items_come_back(patch):
    instead(patch, ledger.Ledger, "delete", lambda self, item_id: None)


@bug
def unknown_item_raises(patch):
    original = ledger.Ledger.delete

    def strict(self, item_id):
        if self.get(item_id) is None:
            raise KeyError(item_id)
        original(self, item_id)

    instead(patch, ledger.Ledger, "delete", strict)


@bug
def bad_message_raises(patch):
    def strict(message):
        return wire._decode_json(message)

    instead(patch, wire, "decode", strict)


@bug
def tool_pairs_dropped(patch):
    original = replay._paired
    instead(
        patch,
        replay,
        "_paired",
        lambda entries: [
            one
            for one in original(entries)
            if not one.is_a("function_call", "function_call_output")
        ],
    )


@bug
def restored_items_told_again(patch):
    instead(patch, restore.Restore, "_is_echo", lambda self, item_id: False)


@bug
def ids_longer_than_the_server_takes(patch):
    original = connection.Connection._new_id
    instead(patch, connection.Connection, "_new_id", lambda self: original(self) + "x" * 40)


@bug
def one_id_for_all_items(patch):
    instead(patch, connection.Connection, "_new_id", lambda self: f"tk{self.epoch}")


@bug
def restore_without_items(patch):
    after(
        patch, restore.Restore, "configure", lambda self, now, began_at: self.progress.items.clear()
    )


@bug
def wrong_audio_in_a_restored_item(patch):
    original = restore.Restore._audio_text
    instead(
        patch,
        restore.Restore,
        "_audio_text",
        lambda self, span: original(self, (max(0, span[0] - 4800), span[1])),
    )


# The settings.


@bug
def updates_not_replayed(patch):
    instead(patch, settings.Settings, "ask", lambda self, event_id, patch: None)


@bug
def turns_stay_held_back(patch):
    instead(patch, settings.Settings, "released", settings.Settings.held_back)


@bug
def refused_settings_end_the_line(patch):
    instead(patch, restore.Restore, "reconfigure", lambda self: False)
