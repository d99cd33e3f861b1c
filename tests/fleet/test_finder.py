"""Finding processes: new ones once, chosen ones only, and what is left of dead ones."""

from __future__ import annotations

import os
import socket

import pytest

from fleet.places import runtime_directory
from trunkline.fleet.finder import Finder
from trunkline.fleet.runtime import listen


@pytest.fixture
def place():
    with runtime_directory() as path:
        yield path


def looked(finder: Finder, known=()):
    found = finder.look(known)
    for one in found:
        one.connection.close()
    return [one.address for one in found]


def test_each_process_is_found_until_it_is_known(place):
    first, _ = listen(place, "a")
    second, path = listen(place, "b")
    with first, second:
        found = looked(Finder(place))
        assert [one.name for one in found] == ["a", "b"]
        assert [one.name for one in looked(Finder(place), {found[0].path})] == ["b"]
        chosen = Finder(place, wanted=lambda address: address.path == path)
        assert [one.name for one in looked(chosen)] == ["b"]


def test_a_socket_of_a_dead_process_is_removed_and_one_that_is_being_made_is_not(place):
    for name in (f"{os.getpid()}-young.sock", "4194304-dead.sock"):
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(place / name))
    assert looked(Finder(place)) == []
    assert [path.name for path in place.iterdir()] == [f"{os.getpid()}-young.sock"]


def test_a_directory_that_is_not_there_holds_nothing(place):
    assert looked(Finder(place / "none")) == []
