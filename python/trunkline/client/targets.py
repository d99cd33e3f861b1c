"""Where the next dial goes, and with which key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trunkline.client.credentials import KeySource
from trunkline.client.evidence import no_credential
from trunkline.errors import LinkClosed, TrunklineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.client.config import LineConfig
    from trunkline.client.credentials import Secret
    from trunkline.transports.base import Target

__all__ = ["Targets"]

# A source that mints a token makes a request of its own; one that hangs is asked again.
_CREDENTIAL_TIMEOUT = 10.0


class Targets:
    """Those of one line. Whatever keeps one from being made is a LinkClosed with its evidence."""

    def __init__(self, config: LineConfig, *, wall: Callable[[], float]) -> None:
        self._config = config
        self._keys = KeySource.of(config.credential, wall=wall)

    async def secret(self, *, refresh: bool) -> Secret:
        """The key, asked for anew if it must be."""
        try:
            async with asyncio.timeout(_CREDENTIAL_TIMEOUT):
                return await self._keys.key(refresh=refresh)
        except LinkClosed:
            # A server was asked for the key, and how that ended is evidence like any other.
            raise
        except Exception as error:
            raise LinkClosed(no_credential(error)) from error

    def target(self, secret: Secret, conversation_id: str) -> Target:
        """What is dialed with it."""
        try:
            return self._config.target(secret, conversation_id=conversation_id)
        except TrunklineError as error:
            raise LinkClosed(no_credential(error)) from error
