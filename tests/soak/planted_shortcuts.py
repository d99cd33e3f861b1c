"""Small bugs for the fast path: what it leaves out must not be missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soak.planted import bug, instead
from trunkline.protocol import outbox
from trunkline.protocol.outbox import Outbox

if TYPE_CHECKING:
    from soak.planted import Patch


@bug
def short_way_forgets_the_server_clock(patch: Patch):
    original = Outbox.pass_on

    def forgetful(self, pcm, least):
        axis, self._axis = self._axis, outbox.AxisMap()
        taken = original(self, pcm, least)
        self._axis = axis
        return taken

    instead(patch, outbox.Outbox, "pass_on", forgetful)


@bug
def short_way_keeps_no_audio(patch: Patch):
    original = Outbox.pass_on

    def forgetful(self, pcm, least):
        taken = original(self, pcm, least)
        if taken:
            self._pcm[-len(pcm) :] = bytes(len(pcm))
        return taken

    instead(patch, outbox.Outbox, "pass_on", forgetful)


@bug
def short_way_sends_twice(patch: Patch):
    original = Outbox.pass_on

    def twice(self, pcm, least):
        taken = original(self, pcm, least)
        if taken:
            self._cursor -= len(pcm) // 2
        return taken

    instead(patch, outbox.Outbox, "pass_on", twice)
