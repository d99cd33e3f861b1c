"""What plays the sound of a turn in the console: one sound at a time, to its end, on the system's own loudspeaker."""

from __future__ import annotations

import threading
from typing import Any

from trunkline.devices import portaudio

__all__ = ["Speaker"]

_NAME = "speaker"
# So soon it is silent when it shall stop.
_BLOCK_SECONDS = 0.1


class Speaker:
    """Plays one sound at a time, in the thread that calls it; for a call there is `Loudspeaker`."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        # A stream must not be closed while somebody writes to it.
        self._in_use = threading.Lock()
        self._stream: Any = None

    def __call__(self, pcm: bytes, rate_hz: int) -> None:
        """Plays two channels of little-endian int16 to their end, or until `stop`.

        Raises MediaError if there is no library, no device, or none that takes this.
        """
        self._stopped.clear()
        size = int(_BLOCK_SECONDS * rate_hz) * 4
        portaudio.claim(self, _NAME, lambda module: self._begin(module, rate_hz))
        try:
            for start in range(0, len(pcm), size):
                self._write(pcm[start : start + size])
            self._finish()
        except portaudio.library().PortAudioError as error:
            raise portaudio.fault(_NAME, error) from None
        finally:
            portaudio.leave(self, self._end)

    def stop(self) -> None:
        """Ends what plays, within a tenth of a second; from any thread."""
        self._stopped.set()

    def interrupt(self) -> None:
        """The devices are looked for anew (`portaudio.look_again`), which ends what plays."""
        self.stop()
        self._end()

    def _begin(self, module: Any, rate_hz: int) -> None:
        self._stream = module.RawOutputStream(samplerate=rate_hz, channels=2, dtype="int16")
        self._stream.start()

    def _write(self, block: bytes) -> None:
        with self._in_use:
            if not self._stopped.is_set():
                self._stream.write(block)

    def _finish(self) -> None:
        """Lets what the device holds be heard."""
        with self._in_use:
            if not self._stopped.is_set():
                self._stream.stop()

    def _end(self) -> None:
        with self._in_use:
            stream, self._stream = self._stream, None
            if stream is not None:
                stream.abort()
                stream.close()
