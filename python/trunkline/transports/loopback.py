"""Which addresses are this machine and nobody else's, and which are its link's."""

from __future__ import annotations

import ipaddress
import socket

__all__ = ["is_link_local", "is_loopback"]

# Where clouds tell a machine who it is, and with which keys: their names, and the addresses that are not link-local.
_METADATA = frozenset(
    {
        "metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal",
        "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254",
    }
)  # fmt: skip


def is_loopback(host: str) -> bool:
    """Whether only this machine is there, or can reach what is bound there; names but localhost may be anywhere."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_link_local(host: str) -> bool:
    """Whether it is a link-local address, however it is written, or a cloud's metadata service by address or name.

    `http://169.254.169.254` is the usual target of who may choose an address that somebody else dials.
    """
    name = host.lower().rstrip(".").partition("%")[0]
    if name in _METADATA:
        return True
    try:
        address = ipaddress.ip_address(_plain(name))
    except ValueError:
        return False
    inner = getattr(address, "ipv4_mapped", None) or address
    return inner.is_link_local or str(inner) in _METADATA


def _plain(name: str) -> str:
    """IPv4 as four numbers; the resolver takes 169.254.43518, 0xa9fea9fe and the like, too."""
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except OSError:
        return name
