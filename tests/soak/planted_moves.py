"""Small bugs in what moves a conversation: rotations, snapshots, and the policies of an outage."""

from __future__ import annotations

from soak.planted import after, bug, instead
from trunkline.protocol import handover, leaving, restore, rotation, second, standby
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
