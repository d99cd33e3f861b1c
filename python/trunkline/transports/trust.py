"""Whom links and requests trust: certificates and host names are checked, whatever anybody asks for.

Ours is what `ssl.create_default_context` makes, but for one thing: that obeys SSLKEYLOGFILE, so whoever can set a
variable gets the secrets of every connection, and the key in its header with them. A context that is given may do so,
and may trust other authorities, which is what it is for. It may not leave out the checks.
"""

from __future__ import annotations

import contextlib
import ssl
import sys
from functools import lru_cache
from pathlib import Path

from trunkline.errors import ConfigError

__all__ = ["checked_context", "client_context", "default_context"]

# create_default_context has them since Python 3.13.
_STRICT = ("VERIFY_X509_PARTIAL_CHAIN", "VERIFY_X509_STRICT") if sys.version_info >= (3, 13) else ()


def client_context() -> ssl.SSLContext:
    """A context that trusts the system's authorities (SSL_CERT_FILE, SSL_CERT_DIR) and takes TLS 1.2 and later.

    Reading them takes tens of milliseconds.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for name in _STRICT:
        context.verify_flags |= getattr(ssl, name)
    context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    return context


def checked_context(context: ssl.SSLContext | None) -> ssl.SSLContext | None:
    """The context, if it checks whom it speaks to. Raises ConfigError for one that does not."""
    if context is None:
        return None
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        reason = "certificates and host names are always checked; to trust another authority, load its certificate"
        raise ConfigError("tls", f"{reason} (load_verify_locations, or SSL_CERT_FILE)")
    if context.minimum_version is ssl.TLSVersion.MINIMUM_SUPPORTED or (
        context.minimum_version < ssl.TLSVersion.TLSv1_2
    ):
        raise ConfigError("tls", "TLS 1.2 is the oldest that is spoken: set minimum_version")
    return context


def default_context() -> ssl.SSLContext:
    """One that trusts what this system trusts; shared by all who ask, so nobody may change it.

    Made anew when the file of the certificates is another one. To read them takes tens of milliseconds and a megabyte.
    """
    paths = ssl.get_default_verify_paths()
    changed_at = 0
    with contextlib.suppress(OSError):
        changed_at = Path(paths.cafile).stat().st_mtime_ns if paths.cafile else 0
    return _context(paths.cafile, paths.capath, changed_at)


@lru_cache(maxsize=1)
def _context(_file: str | None, _folder: str | None, _changed_at: int) -> ssl.SSLContext:
    return client_context()
