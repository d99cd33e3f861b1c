from __future__ import annotations

import pytest

from trunkline.transports.loopback import is_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
        ("0.0.0.0", False), ("::", False), ("localhost.evil.example", False), ("1", False),
    ],
)  # fmt: skip
def test_what_is_this_machine_alone(host, expected):
    assert is_loopback(host) is expected
