"""A sound card made of PulseAudio: a loudspeaker and a microphone that are null sinks, and their taps.

What is played to `tl_speaker` is recorded from `tl_speaker_tap`, what is played to `tl_mic_feed` from `tl_mic`, to the
bit and in real time. A suspended sink is a device that stalls, a server without sinks one whose devices were unplugged
(while there is one, streams move to it), and a killed server is a server that crashed.

`norewinds` keeps the null sink from working in blocks of two seconds; the `hint` makes the names visible to PortAudio.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

TOOLS = ("pulseaudio", "pactl")
SINKS = ("tl_out", "tl_mic")
_FORM = "rate=24000 channels=1 format=s16le norewinds=1"
_NAMES = {
    "tl_speaker": "tl_out",
    "tl_speaker_tap": "tl_out.monitor",
    "tl_mic_feed": "tl_mic",
    "tl_mic": "tl_mic.monitor",
}
_PLUGIN = "libasound_module_pcm_pulse.so"


def why_not() -> str:
    """What is missing here; empty if nothing is."""
    for tool in TOOLS:
        if shutil.which(tool) is None:
            return f"no {tool} (apt-get install pulseaudio pulseaudio-utils)"
    if not list(Path("/usr").glob(f"lib*/**/alsa-lib/{_PLUGIN}")):
        return "ALSA has no way to PulseAudio (apt-get install libasound2-plugins)"
    try:
        import sounddevice  # noqa: F401
    except (ImportError, OSError) as error:
        return f"no PortAudio (apt-get install libportaudio2): {error}"
    return ""


@cache
def first(priority: int) -> tuple[str, ...]:
    """What lets a command go before others, as systems do for sound (rtkit); nothing where it is not allowed."""
    if shutil.which("chrt") is None:
        return ()
    command = ("chrt", "--fifo", str(priority))
    tried = subprocess.run([*command, "true"], capture_output=True, check=False)
    return command if tried.returncode == 0 else ()


class Soundcard:
    """The server in a folder; another process may lead it by the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = self._folder = folder
        self._process = None
        self._runtime = folder / "rt"
        self._pid = folder / "pid"

    @property
    def environment(self) -> dict[str, str]:
        """For whoever shall hear it; must be set before PortAudio begins."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PULSE_")}
        return kept | {
            "PULSE_RUNTIME_PATH": str(self._runtime),
            "XDG_RUNTIME_DIR": str(self._runtime),
            "HOME": str(self._folder),
            "PULSE_SERVER": f"unix:{self._runtime}/native",
            "ALSA_CONFIG_PATH": str(self._folder / "asound.conf"),
        }

    def start(self) -> None:
        self._runtime.mkdir(mode=0o700, exist_ok=True)
        names = (
            f'pcm.{name} {{ type pulse device "{sink}" hint {{ show on description "x" }} }}'
            for name, sink in _NAMES.items()
        )
        text = "\n".join(["</usr/share/alsa/alsa.conf>", *names, ""])
        (self._folder / "asound.conf").write_text(text)
        socket = f"module-native-protocol-unix socket={self._runtime}/native auth-anonymous=1"
        sinks = [f"--load=module-null-sink sink_name={sink} {_FORM}" for sink in SINKS]
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*first(30), "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
                 "--realtime=no", "--high-priority=no", f"--load={socket}", *sinks],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self._pid.write_text(str(process.pid))
        self._process = process
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 10
        while self._pactl("info", check=False).returncode:
            log = self._folder / "log"
            assert time.monotonic() < deadline, f"pulseaudio does not answer: {log.read_text()}"
            time.sleep(0.02)

    def suspend(self, sink: str, on: bool) -> None:
        self._pactl("suspend-sink", sink, "1" if on else "0")

    def unload(self, sink: str) -> None:
        for line in self._pactl("list", "short", "modules").stdout.splitlines():
            number, _, rest = line.partition("\t")
            if f"sink_name={sink} " in rest:
                self._pactl("unload-module", number)

    def load(self, sink: str) -> None:
        self._pactl("load-module", "module-null-sink", f"sink_name={sink}", *_FORM.split())

    def kill(self) -> None:
        """The server, as if it had crashed."""
        pid = int(self._pid.read_text())
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.forget()
        (self._runtime / "native").unlink(missing_ok=True)

    def forget(self) -> None:
        """The server may go on; it is nobody's child then."""
        if self._process is not None and self._process.poll() is None:
            # What is not waited for would be warned of.
            self._process.returncode = 0
        self._process = None

    def _pactl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pactl", *arguments], env=self.environment, capture_output=True, text=True,
            check=check, timeout=10,
        )  # fmt: skip


class TemporarySoundcard:
    """One in a folder of its own that is gone afterwards, with its server."""

    def __enter__(self) -> Soundcard:
        self._folder = Path(tempfile.mkdtemp(prefix="trunkline-sound-"))
        self._card = Soundcard(self._folder)
        self._card.start()
        return self._card

    def __exit__(self, *_: object) -> None:
        self._card.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
