"""The desk of an attached console: the lines of all processes of this user, and what may be wished of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from trunkline.fleet.desk import FoldingDesk
from trunkline.fleet.finder import Finder
from trunkline.fleet.part import Hearing
from trunkline.fleet.reader import FleetReader
from trunkline.fleet.wishes import ACTIONS
from trunkline.telemetry.levels import THRESHOLDS
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from trunkline.fleet.part import Part
    from trunkline.telemetry.levels import Threshold

__all__ = ["FleetDesk", "RemoteControls"]

_OVER = frozenset({"closed", "failed", "gone"})


class FleetDesk(FoldingDesk):
    """Attaches while it is entered; `parts` get the stream, too, as a recorder does.

    It hears the line that is watched, if the line's process keeps audio at all.
    """

    def __init__(
        self,
        *parts: Part,
        finder: Finder | None = None,
        thresholds: Mapping[str, Threshold] = THRESHOLDS,
    ) -> None:
        super().__init__(hears=Hearing.WATCHED, thresholds=thresholds)
        self.reader = FleetReader(finder or Finder(), self, *parts)

    def __enter__(self) -> Self:
        self.reader.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.reader.close()


class RemoteControls:
    """Wishes over the sockets, by the names of `fleet.wishes`; for the main thread."""

    def __init__(self, desk: FleetDesk, *, allow: bool) -> None:
        self._desk = desk
        self._allow = allow

    @property
    def read_only(self) -> bool:
        """Whether nothing may be wished at all."""
        return not self._allow

    def allowed(self, key: str) -> frozenset[str]:
        """What may be wished of a line now."""
        fleet = self._desk.fleet()
        if not self._allow or fleet is None:
            return frozenset()
        row = next((one for one in fleet.rows if one.key == key), None)
        if row is None or not row.controllable or row.state in _OVER:
            return frozenset()
        return frozenset(ACTIONS)

    def act(self, key: str, action: str) -> None:
        """Sends a wish; what comes of it is an answer."""
        if self._allow:
            self._desk.reader.ask(key, {"ask": action})

    def faults(self, key: str) -> tuple[Clean, ...]:
        """What the simulator of a line's process can be made to do."""
        attached = self._desk.reader.attachment(key) if self._allow else None
        return (
            ()
            if attached is None
            else tuple(clean(name, limit_chars=60) for name in attached.faults)
        )

    def fault(self, key: str, name: str) -> None:
        """Makes it happen."""
        if self._allow:
            self._desk.reader.ask(key, {"ask": "fault", "name": name})

    def answer(self) -> Clean | None:
        """News for the operator, oldest first; each once."""
        return self._desk.reader.news()

    def close(self) -> None:
        """The operator leaves; the desk is closed by who entered it."""
