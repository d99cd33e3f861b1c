"""Finds the processes of this user that publish."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from trunkline.fleet import runtime
from trunkline.fleet.attachment import Attachment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from trunkline.fleet.runtime import Address

__all__ = ["Finder"]


class Finder:
    """Looks into the runtime directories; sockets that processes left behind are removed."""

    def __init__(
        self, directory: Path | None = None, *, wanted: Callable[[Address], bool] | None = None
    ) -> None:
        self._directory = directory
        self._wanted = wanted

    def look(self, known: Collection[Path]) -> list[Attachment]:
        """Connections to those that were not known; costs a directory listing."""
        found = []
        for address in runtime.addresses(self._directory):
            if address.path in known or (self._wanted is not None and not self._wanted(address)):
                continue
            try:
                found.append(Attachment.open(address))
            except OSError as error:
                if error.errno == errno.ECONNREFUSED:
                    runtime.remove_stale(address)
        return found
