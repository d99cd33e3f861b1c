"""The table of checks that `trunkline doctor` makes, in the order in which they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.diagnosis.certificate import check_certificate, check_trust
from trunkline.diagnosis.distribution import (
    check_extension,
    check_extras,
    check_package,
    check_requirements,
)
from trunkline.diagnosis.examination import Check
from trunkline.diagnosis.finding import Cause
from trunkline.diagnosis.key import check_key
from trunkline.diagnosis.machine import check_event_loop, check_interpreter, check_open_files
from trunkline.diagnosis.network import check_connection, check_name, check_proxy
from trunkline.diagnosis.rehearsal import check_rehearsal
from trunkline.diagnosis.server import check_clock, check_http, check_upgrade
from trunkline.diagnosis.sound import check_sound

if TYPE_CHECKING:
    from trunkline.diagnosis.examination import Making

__all__ = ["CHECKS"]

_QUICK = 3.0


def _local(name: str, run: Making, limit: float = _QUICK, *, is_alone: bool = False) -> Check:
    return Check(name=name, run=run, limit=limit, is_alone=is_alone)


def _remote(name: str, run: Making, limit: float, *needs: str) -> Check:
    return Check(
        name=name,
        run=run,
        limit=limit,
        needs=needs,
        on_network=True,
        cause=Cause.NETWORK,
    )


CHECKS: tuple[Check, ...] = (
    _local("event loop", check_event_loop, is_alone=True),
    _local("python", check_interpreter),
    _local("package", check_package),
    _local("extension", check_extension),
    _local("requirements", check_requirements),
    _local("extras", check_extras),
    _local("open files", check_open_files),
    _local("sound", check_sound, limit=6.0),
    _local("key", check_key),
    _local("proxy", check_proxy),
    _local("trust store", check_trust),
    # What the proxy's own row says is not said again by five others.
    _remote("name", check_name, 3.0, "proxy"),
    _remote("connection", check_connection, 4.0, "name"),
    _remote("tls", check_certificate, 8.0, "connection"),
    _remote("http", check_http, 8.0, "tls"),
    _remote("clock", check_clock, 1.0, "http"),
    _remote("session", check_upgrade, 10.0, "tls"),
    _local("self-test", check_rehearsal, limit=10.0),
)
"""Each row is independent of the others but for those it names."""
