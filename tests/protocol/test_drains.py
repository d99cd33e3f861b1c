from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from trunkline.protocol.drains import AbortLink, CloseLink, Command, Dial, Drains, Ping


@pytest.mark.parametrize(
    "command",
    [
        Dial(epoch=1, refresh_credential=False),
        CloseLink(epoch=1, code=1000, reason=""),
        AbortLink(epoch=1),
        Ping(epoch=1, payload=b"x"),
    ],
)
def test_every_command_names_its_epoch_and_cannot_change(command: Command):
    assert command.epoch == 1
    with pytest.raises(FrozenInstanceError):
        command.epoch = 2  # type: ignore[misc]


def test_the_queues_of_two_lines_are_not_shared():
    one, other = Drains(), Drains()
    one.actions.append(AbortLink(epoch=1))
    assert not other.actions
    assert other.epoch == 0
