"""A line's end in the exceptions that clients of `websockets` know."""

from __future__ import annotations

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus

from trunkline.adapters.ending import closed_by_us, failed, not_opened
from trunkline.errors import LineFailed
from trunkline.protocol.closure import Closure, Fault

KEY = Closure(code=3000, reason="invalid_request_error.invalid_api_key")


def failure(*closures: Closure) -> LineFailed:
    return LineFailed("the key is refused", "check it", closures)


def test_a_goodbye_of_the_clients_own_is_a_normal_end():
    error = closed_by_us(4001, "enough")
    assert isinstance(error, ConnectionClosedOK)
    assert (error.sent.code, error.sent.reason) == (4001, "enough")


def test_a_failure_shows_the_close_frame_of_the_last_link():
    error = failed(failure(Closure(code=1006), KEY))
    assert isinstance(error, ConnectionClosedError)
    assert (error.rcvd.code, error.rcvd.reason) == (KEY.code, KEY.reason)


@pytest.mark.parametrize(
    "closure", [Closure(code=1006, fault=Fault.RESET), Closure(fault=Fault.DEAD, by_us=True)]
)
def test_where_no_close_frame_came_none_is_made_up(closure):
    assert failed(failure(closure)).rcvd is None
    assert failed(failure()).rcvd is None


def test_a_refused_upgrade_is_what_the_library_raises_for_it():
    error = not_opened(failure(Closure(status=401, detail="no such key")))
    assert isinstance(error, InvalidStatus)
    assert (error.response.status_code, error.response.body) == (401, b"no such key")


def test_a_session_that_was_closed_at_once_is_a_closed_connection():
    assert not_opened(failure(KEY)).rcvd.code == 3000


@pytest.mark.parametrize(
    ("fault", "kind"), [(Fault.TIMEOUT, TimeoutError), (Fault.REFUSED, ConnectionError)]
)
def test_a_server_that_is_not_reached_is_an_error_of_the_system(fault, kind):
    error = not_opened(failure(Closure(fault=fault)))
    assert isinstance(error, kind)
    assert "check it" in str(error)
