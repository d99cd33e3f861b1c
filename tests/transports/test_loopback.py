from __future__ import annotations

import pytest

from trunkline.transports.loopback import is_link_local, is_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
        ("0.0.0.0", False), ("::", False), ("localhost.evil.example", False), ("1", False),
    ],
)  # fmt: skip
def test_what_is_this_machine_alone(host, expected):
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("169.254.169.254", True), ("169.254.0.1", True), ("0xa9fea9fe", True), ("0251.0376.43518", True),
        ("fe80::1", True), ("fe80::1%eth0", True), ("::ffff:169.254.1.1", True), ("fd00:ec2::254", True),
        ("100.100.100.200", True), ("Metadata.Google.Internal.", True), ("instance-data", True),
        ("127.0.0.1", False), ("10.0.0.1", False), ("api.openai.com", False), ("::1", False), ("", False),
        ("metadata.example.com", False), ("fe80.example.com", False),
    ],
)  # fmt: skip
def test_what_is_the_links_own_or_a_clouds_metadata(host, expected):
    assert is_link_local(host) is expected
