"""Small bugs in what moves a conversation: rotations, snapshots, and the policies of an outage."""

from __future__ import annotations

from soak.planted import after, bug, instead
from trunkline.protocol import (
    bookkeeper,
    connection,
    handover,
    hearing,
    leaving,
    outbox,
    policy,
    restore,
    rotation,
    second,
    snapshot,
    standby,
)
from trunkline.protocol.drains import Dial

# Rotations.


@bug
def rotation_given_up_at_once(patch):
    instead(patch, rotation.Rotation, "_try", lambda self, draw: self._give_up("", ""))


@bug
def first_link_kept_after_the_switch(patch):
    instead(patch, leaving.Leaving, "begin", lambda self, link, now: None)


@bug
def switch_goes_on_where_the_first_session_was(patch):
    after(
        patch,
        handover.Handover,
        "leave",
        lambda self, *_: setattr(
            self._conversation.outbox, "_cursor", self._conversation.outbox._reached
        ),
    )


@bug
def second_session_is_not_told_of_deletions(patch):
    instead(patch, standby.Standby, "_delete_gone", lambda self: None)


@bug
def second_session_is_told_in_reverse(patch):
    original = standby.Standby._tell
    instead(
        patch,
        standby.Standby,
        "_tell",
        lambda self, entry, previous, at_end: original(self, entry, "root", at_end=False),
    )


@bug
def switch_forgets_the_answer_that_is_owed(patch):
    instead(patch, restore.Restore, "switched", lambda self: False)


@bug
def second_link_is_dialed_without_distance(patch):
    instead(patch, second, "retry_delay", lambda policy, **_: 0.0)


@bug
def second_link_is_dialed_with_the_refused_key(patch):
    def forgetful(self, now):
        original(self, now)
        command = self._drains.actions.pop()
        self._drains.actions.append(Dial(epoch=command.epoch, refresh_credential=False))

    original = second.Second.dial
    instead(patch, second.Second, "dial", forgetful)


@bug
def old_items_keep_their_names_after_the_switch(patch):
    instead(patch, standby.Standby, "names", lambda self: {})


# Snapshots.


@bug
def snapshot_without_what_is_owed(patch):
    original = snapshot.take_snapshot
    instead(patch, connection, "take_snapshot", lambda *a, **k: original(*a, **k) | {"owed": False})


@bug
def snapshot_without_the_last_item(patch):
    def short(*args, **known):
        document = original(*args, **known)
        return document | {"items": document["items"][:-1]}

    original = snapshot.take_snapshot
    instead(patch, connection, "take_snapshot", short)


@bug
def snapshot_counts_its_names_anew(patch):
    original = snapshot.take_snapshot
    instead(patch, connection, "take_snapshot", lambda *a, **k: original(*a, **k) | {"ids": 0})


@bug
def snapshot_forgets_which_audio_is_in_items(patch):
    after(
        patch, outbox.Outbox, "adopt", lambda self, saved: setattr(self, "_items", outbox.SpanSet())
    )


# The policies of an outage.


@bug
def late_audio_delivered_whatever_is_wanted(patch):
    instead(patch, policy.LinePolicy, "late_samples", lambda self: self.samples(15_000))


@bug
def gap_of_an_outage_only_on_the_books(patch):
    def silent(self, gap, now):
        if "outage" not in gap.reason and "latest" not in gap.reason:
            original(self, gap, now)

    original = bookkeeper.Bookkeeper._gap
    instead(patch, bookkeeper.Bookkeeper, "_gap", silent)


@bug
def memory_without_a_limit(patch):
    instead(patch, outbox.Outbox, "is_overfull", lambda self: False)


# What a far end proves that does not read.


@bug
def pong_taken_for_the_session_having_heard(patch):
    instead(patch, hearing.Hearing, "parsed", lambda self, position, now: self._read(position))
