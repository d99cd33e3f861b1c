"""A `sounddevice` without PortAudio: devices that a test plugs in and out, streams whose thread is the test."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

from trunkline.devices import portaudio
from trunkline.devices.listing import Device

NOT_THERE = ("Error opening stream: Device unavailable", -9985)
NO_SUCH_RATE = ("Error opening stream: Invalid sample rate", -9997)


class PortAudioError(Exception):
    pass


def device(name, *, inputs=0, outputs=0, api=0, rate=48_000):
    return {
        "name": name,
        "hostapi": api,
        "max_input_channels": inputs,
        "max_output_channels": outputs,
        "default_samplerate": float(rate),
    }


class FakeStream:
    """Open from the beginning; `give` and `ask` are what its thread would do."""

    def __init__(self, library, kind, options):
        library.refuse(options)
        self.library, self.kind, self.options = library, kind, options
        self.latency = 0.04
        self.started = self.aborted = self.closed = self.stopped = False
        self.written = []
        library.streams.append(self)

    def start(self):
        self.started = True

    def write(self, block):
        self.written.append(block)

    def stop(self):
        self.stopped = True

    def abort(self):
        self.aborted = True

    def close(self):
        self.closed = True

    def give(self, pcm, *, at=0.0, now=0.0, overflow=False):
        """A block that was captured, with the device's times."""
        times = SimpleNamespace(currentTime=now, inputBufferAdcTime=at)
        count = len(pcm) // 2 // self.options["channels"]
        self.options["callback"](pcm, count, times, SimpleNamespace(input_overflow=overflow))

    def ask(self, count, *, at=0.0, now=0.0, underflow=False):
        """The samples of a block that will be heard."""
        data = bytearray(b"\x55" * (count * 2 * self.options["channels"]))
        times = SimpleNamespace(currentTime=now, outputBufferDacTime=at)
        flags = SimpleNamespace(output_underflow=underflow)
        self.options["callback"](memoryview(data), count, times, flags)
        return bytes(data)

    def end(self):
        """The device goes."""
        self.options["finished_callback"]()


class FakeLibrary(ModuleType):
    """`plugged` is what is there, `listed` what was there when it was begun."""

    PortAudioError = PortAudioError

    def __init__(self):
        super().__init__("sounddevice")
        self.plugged = [device("Mic", inputs=1), device("Box", outputs=2)]
        self.apis = ["ALSA", "JACK"]
        self.streams, self.refusals = [], []
        self.default = SimpleNamespace(device=(0, 1))
        self.begun = 0
        self._initialized = 0
        self._initialize()

    def _initialize(self):
        self._initialized += 1
        self.begun += 1
        self.listed = list(self.plugged)

    def _terminate(self):
        self._initialized -= 1

    def refuse(self, options):
        """Raises what the next of `refusals` says for these options."""
        for refusal in self.refusals:
            if (found := refusal(options)) is not None:
                raise PortAudioError(*found)

    def query_devices(self):
        return self.listed

    def query_hostapis(self):
        return [{"name": name} for name in self.apis]

    def RawInputStream(self, **options):  # noqa: N802 - the names of the real one
        return FakeStream(self, "input", options)

    def RawOutputStream(self, **options):  # noqa: N802
        return FakeStream(self, "output", options)

    def check_input_settings(self, **options):
        self.refuse(options)

    check_output_settings = check_input_settings

    def WasapiSettings(self, **options):  # noqa: N802
        return options


def installed(monkeypatch):
    """A new library in place of the real one; nothing is open."""
    library = FakeLibrary()
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    monkeypatch.setattr(portaudio, "_open", set())
    monkeypatch.setattr(portaudio, "_listed_at", -1e9)
    monkeypatch.setattr(portaudio, "_watch_the_end", lambda: None)
    return library


def as_seen(library):
    """The devices that another process would find."""
    return [
        Device(
            index=index,
            name=each["name"],
            host_api=library.apis[each["hostapi"]],
            inputs=each["max_input_channels"],
            outputs=each["max_output_channels"],
            rate_hz=round(each["default_samplerate"]),
        )
        for index, each in enumerate(library.plugged)
    ]


def all_left():
    """What a test left open is closed, so that C may speak again."""
    for each in list(portaudio._open):
        portaudio.leave(each, lambda: None)


def without_threads(monkeypatch):
    """What is an errand is done at once."""

    async def errand(call, *arguments):
        return call(*arguments)

    monkeypatch.setattr(portaudio, "errand", errand)
