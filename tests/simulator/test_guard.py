from __future__ import annotations

import pytest

from trunkline.simulator.guard import api_error, is_loopback_host, is_loopback_origin
from trunkline.simulator.refusals import Refusal


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "[::1]:80", "LOCALHOST"]
)
def test_names_of_this_machine_are_served(host):
    assert is_loopback_host(host)


FOREIGN = ["", "example.com", "127.0.0.1.evil.com", "localhost@evil.com", "[::2]", "[", "10.0.0.1"]


@pytest.mark.parametrize("host", FOREIGN)
def test_other_names_are_not(host):
    assert not is_loopback_host(host)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:3000", True),
        ("https://127.0.0.1", True),
        ("http://evil.example", False),
        ("null", False),
        ("http://[", False),
    ],
)
def test_only_pages_of_this_machine_may_call(origin, allowed):
    assert is_loopback_origin(origin) is allowed


def test_an_http_refusal_has_the_body_of_the_api():
    response = api_error(Refusal("no", code="c", param="p"), status=400)
    assert response.status == 400
    assert response.text == (
        '{"error": {"message": "no", "type": "invalid_request_error", "param": "p", "code": "c"}}'
    )
