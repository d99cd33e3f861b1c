"""PortAudio, by `sounddevice` (the extra `devices`): the one place that knows it.

PortAudio is one for a process, is not made for several threads, and knows the devices of the moment at which it was
begun. So everything goes through one lock here, and beginning it anew, which ends all streams of the process, is agreed
about in one place: open streams are known here (`claim`), and are told.

Its calls may wait for a sound server, so they are made in threads that nobody has to wait for (`errand`).
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import subprocess
import sys
import threading
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from trunkline.devices.chatter import hush, quiet, release
from trunkline.devices.listing import Device, Direction, choose
from trunkline.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "HANGS",
    "Interruptible",
    "claim",
    "devices",
    "edition",
    "errand",
    "fault",
    "leave",
    "library",
    "look_again",
    "takes",
]

T = TypeVar("T")

# What a person can do, by PortAudio's code (portaudio.h).
_ADVICE = {
    -10000: "PortAudio was not begun",
    -9999: "the system's sound refuses it: is the sound server running, the device plugged in?",
    -9998: "it has not the channels that are asked for",
    -9997: "it takes none of the rates that can be converted (48000, 44100, 24000, 16000, 8000 Hz)",
    -9996: "it is gone: `trunkline devices` lists what is there",
    -9994: "it takes no 16-bit samples",
    -9993: "the system's sound refuses it: is the sound server running, the device plugged in?",
    -9992: "PortAudio has too little memory",
    -9988: "it was closed meanwhile",
    -9986: "an error inside PortAudio",
    -9985: "it is in use by another program, or switched off",
    -9984: "its host API cannot do that",
    -9979: "the system has no sound at all",
}
_NO_BINDING = "sound devices need the extra 'devices': pip install 'trunkline[devices]'"
_NO_LIBRARY = "PortAudio is not installed: apt install libportaudio2, dnf install portaudio, or pacman -S portaudio"
# What cannot look in another process looks here, while nothing is open, and no more often than this.
_BLIND_SECONDS = 5.0
# Devices of the same names may still be others: unplugged and plugged in again between two looks. But one that is in
# use by another program must not interrupt ours again and again.
_SAME_SECONDS = 30.0
# A list is made in 0.3 s; a hanging sound server must not hold the next look up for longer.
_LOOK_SECONDS = 5.0
_TO_BEGIN_ANEW = ("_initialized", "_terminate", "_initialize")
_LIST_IN_A_PROCESS = (
    "import dataclasses, json; from trunkline.devices import portaudio;"
    "print(json.dumps([dataclasses.asdict(each) for each in portaudio.devices()]))"
)
HANGS = "the system's sound does not answer: restart the sound server, then this program"
"""What is said of a call that does not return; nothing else can be done with PortAudio then."""
# Opening takes 10 ms, beginning anew 0.3 s, on a busy machine 1 s.
_HANGING_SECONDS = 5.0
# A call that is not done by then, at the end of the process, hangs.
_LAST_SECONDS = 0.5


class Interruptible(Protocol):
    """An open stream that ends when PortAudio is begun anew."""

    def interrupt(self) -> None:
        """Closes at once; it may be opened anew afterwards. Called under the lock."""
        ...


_lock = threading.RLock()
_open: set[Interruptible] = set()
_listed_at = -_SAME_SECONDS
_edition = 0


def library() -> Any:
    """The module `sounddevice`. Raises MediaError that names the package that is missing."""
    try:
        import sounddevice  # noqa: PLC0415 - it looks for devices as it is imported, 0.3 s
    except ImportError:
        raise MediaError("sound", _NO_BINDING) from None
    except OSError:
        raise MediaError("sound", _NO_LIBRARY) from None
    except Exception as error:  # noqa: BLE001 - its PortAudioError, which there is no name for yet
        raise fault("sound", error) from None
    _watch_the_end()
    return sounddevice


@cache
def _watch_the_end() -> None:
    # Behind the library's own, so it comes first.
    atexit.register(_at_exit)


def fault(name: str, error: Exception) -> MediaError:
    """What PortAudio complains of, in words for a person."""
    words = str(error.args[0]) if error.args else str(error)
    code = error.args[1] if len(error.args) > 1 else None
    host = error.args[2][2] if len(error.args) > 2 else ""  # (host API, its code, its words)
    said = ": ".join(filter(None, (words, host)))
    advice = _ADVICE.get(code) if isinstance(code, int) else None
    return MediaError(name, f"{advice} ({said})" if advice else said)


@contextlib.contextmanager
def _alone(name: str) -> Iterator[None]:
    if not _lock.acquire(timeout=_HANGING_SECONDS):
        raise MediaError(name, HANGS)
    try:
        yield
    finally:
        _lock.release()


@contextlib.contextmanager
def _held(name: str) -> Iterator[Any]:
    """The library to oneself, its chatter kept off the terminal and its errors in our words."""
    with _alone(name), quiet():
        module = library()
        try:
            yield module
        except (module.PortAudioError, ValueError) as error:
            raise fault(name, error) from None


def claim(stream: Interruptible, name: str, begin: Callable[[Any], T]) -> T:
    """Opens a stream: `begin` gets the library, and whatever it gives is given back.

    Raises MediaError for what it refuses; nothing is open then.
    """
    with _held(name) as module:
        begun = begin(module)
        _open.add(stream)
        # The library's thread complains when the device goes.
        hush()
        return begun


def leave(stream: Interruptible, end: Callable[[], None]) -> None:
    """Closes a stream; one that is closed is no mistake. Raises MediaError where another call hangs."""
    with _alone("sound"), quiet():
        end()
        _forget(stream)


def _forget(stream: Interruptible) -> None:
    if stream in _open:
        _open.discard(stream)
        release()


def devices() -> list[Device]:
    """What PortAudio found when it was begun. Raises MediaError if there is no PortAudio; no device is no error."""
    with _held("sound") as module:
        apis = module.query_hostapis()
        inward, outward = _defaults(module)
        return [
            Device(
                index=index,
                name=each["name"],
                host_api=apis[each["hostapi"]]["name"],
                inputs=each["max_input_channels"],
                outputs=each["max_output_channels"],
                rate_hz=round(each["default_samplerate"]),
                is_default_input=index == inward,
                is_default_output=index == outward,
            )
            for index, each in enumerate(module.query_devices())
        ]


def _defaults(module: Any) -> tuple[int, int]:
    inward, outward = module.default.device
    return int(inward), int(outward)


def takes(device: Device, direction: Direction, rate_hz: int) -> bool:
    """Whether it can be opened at that rate, as 16-bit mono; asks the device, and takes some milliseconds."""
    try:
        with _held(device.name) as module:
            check = (
                module.check_input_settings
                if direction is Direction.INPUT
                else module.check_output_settings
            )
            check(device=device.index, channels=1, dtype="int16", samplerate=rate_hz)
    except MediaError:
        return False
    return True


def edition() -> int:
    """How often the list of devices was made anew."""
    return _edition


def look_again(seen: int, wanted: str | None, direction: Direction) -> bool:
    """Brings the list of devices up to date; gives whether it is another edition than the one that was seen.

    That ends all open streams for a moment, which open themselves again; and to look while devices come and go has hung
    for good. So another process looks first, 0.3 s, and only if it sees what is wanted PortAudio is begun anew here,
    0.1 to 0.3 s.
    """
    there = _seen_by_a_process() if _edition == seen else ()
    with _alone("sound"):
        if _edition != seen:
            return True
        if not _is_worth_it(there, wanted, direction):
            return False
        _begin_anew()
        return True


def _is_worth_it(there: Sequence[Device] | None, wanted: str | None, direction: Direction) -> bool:
    if not all(hasattr(library(), name) for name in _TO_BEGIN_ANEW):
        return False
    age = monotonic() - _listed_at
    if there is None:
        return not _open and age >= _BLIND_SECONDS
    try:
        choose(there, wanted, direction)
    except MediaError:
        return False
    return _names(there) != _names(_known()) or age >= _SAME_SECONDS


def _known() -> Sequence[Device]:
    try:
        return devices()
    except MediaError:
        # It could not be begun the last time.
        return ()


def _names(listed: Sequence[Device]) -> set[tuple[str, int, int]]:
    return {(each.full_name, each.inputs, each.outputs) for each in listed}


def _begin_anew() -> None:
    global _listed_at, _edition  # noqa: PLW0603 - as PortAudio itself, they are one for the process
    with _held("sound") as module:
        _listed_at = monotonic()
        for stream in tuple(_open):
            stream.interrupt()
            _forget(stream)
        # Not public, but there is no other way, and they have been the same since 2015.
        for _ in range(module._initialized):
            module._terminate()
        module._initialize()
        _edition += 1


def _seen_by_a_process() -> Sequence[Device] | None:
    """What a new process sees, nothing if it fails or hangs; None if there can be none."""
    if getattr(sys, "frozen", False):
        # A packed program: its executable is no Python.
        return None
    command = (sys.executable, "-P", "-c", _LIST_IN_A_PROCESS)
    try:
        run = subprocess.run(command, capture_output=True, check=True, timeout=_LOOK_SECONDS)  # noqa: S603
        return [Device(**each) for each in json.loads(run.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return ()


def _at_exit() -> None:
    """Where a call hangs in a thread, sounddevice's own end would hang as well, or crash."""
    if not _lock.acquire(timeout=_LAST_SECONDS):
        library()._initialized = 0
        return
    _lock.release()


async def errand(call: Callable[..., T], *arguments: object) -> T:
    """Runs the call in a daemon thread and gives what it gives; whoever is cancelled leaves it to its end."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(give: Callable[[Any], None], outcome: Any) -> None:
        if not done.done():
            give(outcome)

    def run() -> None:
        try:
            give, outcome = done.set_result, call(*arguments)
        except BaseException as error:  # noqa: BLE001 - a thread's root: it is handed to who waits
            give, outcome = done.set_exception, error  # type: ignore[assignment]
        # A loop that is closed waits for nothing any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, give, outcome)

    threading.Thread(target=run, daemon=True, name="trunkline-sound").start()
    return await done
