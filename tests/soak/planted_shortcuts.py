"""Small bugs for the fast path: what it leaves out must not be missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soak.planted import bug, instead
from trunkline.protocol import fast_path, outbox
from trunkline.protocol.fast_path import FastPath
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
            self._tape._pieces[-1] = bytes(len(pcm))
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


@bug
def short_way_loses_what_it_noted(patch: Patch):
    original = FastPath._post_chunks

    def forgetful(self, chunks, *rest):
        original(self, [*chunks[:-1], b""], *rest)

    instead(patch, fast_path.FastPath, "_post_chunks", forgetful)


@bug
def short_way_stays_open(patch: Patch):
    instead(patch, fast_path.FastPath, "shut", FastPath.post)
