"""What a console reads and may do, with screens or without: attached to running processes, or a recording."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.cli.publishing import check_audio
from trunkline.cli.recording import DeskRecording
from trunkline.errors import ConfigError
from trunkline.fleet.finder import Finder
from trunkline.fleet.fleet_desk import FleetDesk, RemoteControls
from trunkline.fleet.player import Player
from trunkline.fleet.recorder import Recorder
from trunkline.fleet.reel import FASTEST, SLOWEST
from trunkline.telemetry.levels import THRESHOLDS
from trunkline.tui.controls import Action, Controls, ReadOnly
from trunkline.tui.recording import NoRecording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from trunkline.fleet.runtime import Address
    from trunkline.telemetry.desk import Desk
    from trunkline.telemetry.levels import Threshold
    from trunkline.tui.recording import Recording

__all__ = ["Opened", "WishingControls", "chosen", "is_served", "opened"]

_AGAIN = "a recording is not recorded again: copy its file"
_SERVED = "a console in a browser does not record; use `trunkline record` beside it"


@dataclass(frozen=True, slots=True)
class Opened:
    """A desk that runs, and what may be done with it."""

    desk: Desk
    controls: Controls
    title: str
    recording: Recording
    """What records what the desk sees."""


@contextlib.contextmanager
def opened(
    *,
    replay: str | Path | None = None,
    record: str | Path | None = None,
    audio: bool = False,
    allow_control: bool = False,
    speed: float = 1.0,
    process: str | None = None,
    thresholds: Mapping[str, Threshold] = THRESHOLDS,
) -> Iterator[Opened]:
    """The desk of a recording, or of all running processes; it ends with the block.

    Raises StreamError for what is no recording, ConfigError for options that do not fit.
    """
    check_audio(audio, record)
    if replay is not None:
        if record is not None or allow_control or process is not None:
            raise ConfigError(
                "--replay", "a recording is neither recorded, chosen from nor controlled"
            )
        with _player(replay, speed, thresholds) as player:
            yield Opened(player, ReadOnly(), str(replay), NoRecording(_AGAIN))
        return
    recorder = None if record is None else Recorder(record, audio=audio)
    parts = () if recorder is None else (recorder,)
    finder = Finder(wanted=chosen(process))
    with FleetDesk(*parts, finder=finder, thresholds=thresholds) as desk:
        controls = WishingControls(RemoteControls(desk, allow=allow_control))
        recording = (
            NoRecording(_SERVED) if is_served() else DeskRecording(desk, "fleet", lasting=recorder)
        )
        yield Opened(desk, controls, "fleet", recording)


def is_served() -> bool:
    """Whether this console's terminal is a page in a browser: whoever has that page can only look."""
    return os.environ.get("TEXTUAL_DRIVER", "").startswith("trunkline.tui.remote:")


def chosen(process: str | None) -> Callable[[Address], bool] | None:
    """Which processes are meant by a name or a number; None is all."""
    if process is None:
        return None
    return lambda address: process in (address.name, str(address.pid))


def _player(path: str | Path, speed: float, thresholds: Mapping[str, Threshold]) -> Player:
    if speed and not SLOWEST <= speed <= FASTEST:
        raise ConfigError("--speed", f"it is from {SLOWEST} to {FASTEST:g}, or 0 to begin paused")
    try:
        return Player(path, speed=speed, thresholds=thresholds)
    except OSError as error:
        raise ConfigError("--replay", f"{path}: {error.strerror}") from None


class WishingControls:
    """The controls of the screens over those of the fleet, which has no screens."""

    def __init__(self, remote: RemoteControls) -> None:
        self._remote = remote

    @property
    def read_only(self) -> bool:
        """Whether nothing may be wished at all."""
        return self._remote.read_only

    def allowed(self, key: str) -> frozenset[Action]:
        """What may be wished of a line now."""
        names = self._remote.allowed(key)
        return frozenset(action for action in Action if action.value in names)

    def act(self, key: str, action: Action) -> None:
        """Sends a wish."""
        self._remote.act(key, action.value)

    def faults(self, key: str) -> tuple[str, ...]:
        """What the simulator of a line's process can be made to do."""
        return self._remote.faults(key)

    def fault(self, key: str, name: str) -> None:
        """Makes it happen."""
        self._remote.fault(key, name)

    def answer(self) -> str | None:
        """News for the operator, of wishes."""
        return self._remote.answer()

    def close(self) -> None:
        """The operator leaves."""
        self._remote.close()
