from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import get_args

import pytest

from trunkline.simulator.actions import Action, Edit, HostAction, Stall
from trunkline.simulator.deeds import ACTION_NAMES


def test_every_action_has_one_name_in_documents():
    assert sorted(map(repr, ACTION_NAMES.values())) == sorted(map(repr, get_args(Action)))


def test_edits_and_host_actions_are_actions():
    assert set(get_args(Edit)) | set(get_args(HostAction)) < set(get_args(Action))


def test_an_action_is_a_value():
    assert Stall(seconds=1) == Stall(seconds=1)
    with pytest.raises(FrozenInstanceError):
        Stall(seconds=1).seconds = 2
