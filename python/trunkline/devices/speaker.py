"""The loudspeaker of this machine, over PortAudio (`sounddevice`, the extra `devices`): loaded when something plays."""

from __future__ import annotations

import threading
from typing import Any

from trunkline.errors import MediaError

__all__ = ["Speaker"]

_NAME = "speaker"
# So soon it is silent when it shall stop.
_BLOCK_SECONDS = 0.1


class Speaker:
    """Plays one sound at a time, in the thread that calls it."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def __call__(self, pcm: bytes, rate_hz: int) -> None:
        """Plays two channels of little-endian int16 to their end, or until `stop`.

        Raises MediaError if there is no library, no device, or none that takes this.
        """
        self._stopped.clear()
        library = _library()
        size = int(_BLOCK_SECONDS * rate_hz) * 4
        try:
            with library.RawOutputStream(samplerate=rate_hz, channels=2, dtype="int16") as stream:
                for start in range(0, len(pcm), size):
                    if self._stopped.is_set():
                        stream.abort()
                        return
                    stream.write(pcm[start : start + size])
        except library.PortAudioError as error:
            raise MediaError(_NAME, str(error)) from None

    def stop(self) -> None:
        """Ends what plays, within a tenth of a second; from any thread."""
        self._stopped.set()


def _library() -> Any:
    try:
        import sounddevice  # noqa: PLC0415 - it looks for devices as it is imported
    except ImportError:
        advice = "playing needs the extra 'devices': pip install 'trunkline[devices]'"
        raise MediaError(_NAME, advice) from None
    except OSError:
        advice = "PortAudio is not installed: apt install libportaudio2, or dnf install portaudio"
        raise MediaError(_NAME, advice) from None
    return sounddevice
