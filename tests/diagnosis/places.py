"""Servers that a check or a probe is sent to, and what it is sent with."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

from trunkline.client.endpoint import Endpoint
from trunkline.diagnosis.subject import LIMITS, Subject
from trunkline.transports.dialing import DialLimits

KEY = "sk-test-canary-0123456789"


def subject(
    port: int, *, tls: ssl.SSLContext | None = None, limits: DialLimits = LIMITS
) -> Subject:
    """The server on this port of loopback; over TLS if there is a context."""
    scheme = "http" if tls is None else "https"
    endpoint = Endpoint.openai(f"{scheme}://127.0.0.1:{port}/v1")
    return Subject(endpoint=endpoint, model="m", tls=tls, limits=limits)


def served_with(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """A server's context."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A client's context that trusts nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context


def key_in(folder: Path, mode: int = 0o600) -> Path:
    """A file with the key."""
    path = folder / "key"
    path.write_text(KEY)
    path.chmod(mode)
    return path


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    """An HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
