"""A certificate made on the fly, for clients that take nothing but `wss:`.

The authority that signs it lives as long as the server and exists nowhere else, so whoever trusts
it trusts nothing that can be used elsewhere.
"""

from __future__ import annotations

import ssl

from trunkline.errors import ConfigError

__all__ = ["Certificate"]

_NAMES = ("localhost", "127.0.0.1", "::1")


class Certificate:
    """A server certificate for this machine and the authority behind it."""

    def __init__(self) -> None:
        try:
            # Only servers with TLS need it, and `cryptography` behind it takes 0.1 s to load.
            import trustme  # noqa: PLC0415
        except ImportError as error:
            reason = "needs trustme; pip install 'trunkline[simulator]'"
            raise ConfigError("tls", reason) from error
        authority = trustme.CA()
        self.authority_pem = authority.cert_pem.bytes().decode()
        """What a client has to trust, for SSL_CERT_FILE or NODE_EXTRA_CA_CERTS."""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        """For the listening socket."""
        authority.issue_cert(*_NAMES).configure_cert(self.context)
