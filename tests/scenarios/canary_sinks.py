"""Where the calls of the canary are watched from, and what each of these places shows in the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
import threading
import time
import urllib.request
import warnings
import wave
from collections.abc import Iterator
from pathlib import Path

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

import trunkline
from cli.running import COMMAND, SPEECH
from cli.running import trunkline as trunkline_command
from cli.terminal import Terminal
from fleet.places import runtime_directory
from fleet.reels import packets
from fleet.spanning import tracing
from scenarios.calling import TIMING
from scenarios.canary import Word
from scenarios.canary_calls import Calls, proxy
from scenarios.canary_faults import repeating
from scenarios.canary_harvest import Harvest
from transports.misbehaving import server
from trunkline.cli.simulated_server import SimulatedServer
from trunkline.fleet.coding import decompress
from trunkline.fleet.desk import FoldingDesk
from trunkline.simulator.server import SimulatorServer
from trunkline.telemetry.document import fleet_document, line_document
from trunkline.tui.exports.document import Excerpt, json_document, ndjson_document
from tui.looking import look, picture, screen_text, settle, tick

PROXY_PASSWORD = Word("sk-test-CANARY-", os.urandom(16).hex())
_NOISY = ("asyncio", "websockets", "aiohttp", "trunkline")


def gather(key: Word, harvest: Harvest, folder: Path) -> dict[str, bytes]:
    """Makes all calls, and gives what every sink has of them."""
    harvest.secrets |= {key, PROXY_PASSWORD}
    with (
        runtime_directory() as place,
        _noise(harvest),
        _own_output(harvest, folder),
        contextlib.closing(_Watchers(place, folder, harvest)) as watchers,
    ):
        # Beside the calls: they are processes of their own, and so is the waiting for them.
        programs = threading.Thread(target=_run_programs, args=(key, harvest, folder), daemon=True)
        programs.start()
        for works, debug in ((Calls.faults, False), (Calls.deeds, True)):
            # The loop's debug mode takes a stack for each callback, which a hundred calls would feel.
            work = _calls(key, harvest, watchers.telemetry, works)
            asyncio.run(asyncio.wait_for(work, 150), debug=debug)
        watchers.read()
        _report(harvest, folder)
        programs.join(150)
        _on_a_terminal(harvest, folder / "calls.tlrec")
    return harvest.sinks()


async def _calls(key: Word, harvest: Harvest, telemetry, works) -> None:
    async with proxy(harvest) as port:
        os.environ["HTTPS_PROXY"] = f"http://someone:{PROXY_PASSWORD}@127.0.0.1:{port}"
        try:
            await Calls(key, harvest, telemetry).make(works)
        finally:
            del os.environ["HTTPS_PROXY"]


@contextlib.contextmanager
def _noise(harvest: Harvest) -> Iterator[None]:
    """Everything is logged and nothing is kept silent."""
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", *_NOISY)}
    root.addHandler(harvest)
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = harvest.warn
            warnings.warn(f"this is said of {harvest.decoy.body}", UserWarning, stacklevel=1)
            yield
    finally:
        root.removeHandler(harvest)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


@contextlib.contextmanager
def _own_output(harvest: Harvest, folder: Path) -> Iterator[None]:
    """What this process prints, by whatever way."""
    path = folder / "output"
    kept = [os.dup(descriptor) for descriptor in (1, 2)]
    with path.open("wb") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
        try:
            os.write(2, harvest.decoy.body.encode())
            yield
        finally:
            for descriptor, before in zip((1, 2), kept, strict=True):
                os.dup2(before, descriptor)
                os.close(before)
    harvest.add("output of the process", path.read_bytes())


class _Watchers:
    """All that telemetry feeds."""

    def __init__(self, place: Path, folder: Path, harvest: Harvest) -> None:
        self._harvest = harvest
        self._recording = folder / "calls.tlrec"
        self._publisher = trunkline.Publisher(directory=place, controllable=True)
        self._flight = trunkline.FlightRecorder(folder)
        self._metrics = trunkline.MetricsServer(port=0, measure=False, names=True)
        self._desk = FoldingDesk()
        self._memory = InMemoryMetricReader()
        tracers, self._spans = tracing()
        otel = trunkline.OpenTelemetry(
            meter_provider=MeterProvider([self._memory], shutdown_on_exit=False),
            tracer_provider=tracers,
            drafts=False,
            measure=False,
        )
        self.telemetry = trunkline.Telemetry(
            self._publisher,
            trunkline.Recorder(self._recording, messages=True),
            self._flight,
            self._metrics,
            self._desk,
            otel,
            trunkline.Logbook(),
        )
        self.telemetry.start()
        self._listener = threading.Thread(
            target=self._listen, args=(self._publisher.path,), daemon=True
        )
        self._listener.start()

    def _listen(self, path: Path) -> None:
        """A console's end of the socket, bytes as they come."""
        data = bytearray()
        with socket.socket(socket.AF_UNIX) as console:
            console.connect(os.fspath(path))
            with contextlib.suppress(OSError):
                while more := console.recv(65_536):
                    data += more
        self._harvest.add("the published stream", _opened(bytes(data)))

    def close(self) -> None:
        """Nothing is watched any more."""
        self.telemetry.close()

    def read(self) -> None:
        """While it runs, and when it has ended."""
        harvest = self._harvest
        for form in ("*/*", "application/openmetrics-text;version=1.0.0"):
            _until(lambda: self._scrape(form))  # noqa: B023
        harvest.add("metrics for OpenTelemetry", self._memory.get_metrics_data().to_json())
        self._flight.dump()
        _until(lambda: self._flight.dumps)
        self._read_desk()
        self.close()
        self._listener.join(60)
        for span in self._spans.get_finished_spans():
            harvest.add("spans for OpenTelemetry", span.to_json())
        harvest.add("a recording", _opened(self._recording.read_bytes()))
        harvest.add("a recording's bytes", self._recording.read_bytes())
        for dump in self._flight.dumps:
            harvest.add(
                "a flight recorder's dump", f"{dump} ".encode() + _opened(dump.read_bytes())
            )

    def _scrape(self, form: str) -> bool:
        """Whether there was an answer: while telemetry has much to catch up with, there is none."""
        address = f"http://127.0.0.1:{self._metrics.port}/metrics"
        asked = urllib.request.Request(address, headers={"Accept": form})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(asked, timeout=30) as answer:
                told = answer.read() + repr(answer.headers).encode()
        except OSError:
            return False
        self._harvest.add("metrics for Prometheus", told)
        return True

    def _read_desk(self) -> None:
        harvest, desk = self._harvest, self._desk
        _until(desk.fleet)
        fleet = desk.fleet()
        harvest.add("documents of the console", repr(fleet_document(fleet)))
        for row in fleet.rows[:3]:
            desk.watch(row.key)
            _until(lambda: desk.line() is not None and desk.line().key == row.key)  # noqa: B023
            harvest.add("documents of the console", repr(line_document(desk.line())))
            excerpt = Excerpt(entries=desk.entries(), line=desk.line(), exported_at=0.0)
            harvest.add("exports", json_document(excerpt) + ndjson_document(excerpt))
        look(self._shoot, desk=self._desk, title="canary")

    async def _shoot(self, app, pilot) -> str:
        """The fleet, and each tab of a line."""
        for key in ("down", "enter", "2", "3", "4", "5"):
            await pilot.press(key)
            await settle(pilot)
            await tick(app, pilot)
            self._harvest.add("screens", screen_text(app))
            self._harvest.add("screenshots", picture(app))
        return "done"


def _opened(stream: bytes) -> bytes:
    """The packets of a stream or a recording, without their compression."""
    return b"\n".join(decompress(one.payload, one.coding) for one in packets(_whole(stream)))


def _whole(stream: bytes) -> bytes:
    return stream


def _until(is_so, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# Programs.


def _run_programs(key: Word, harvest: Harvest, folder: Path) -> None:
    asyncio.run(asyncio.wait_for(_programs(key, harvest, folder), 150))


async def _programs(key: Word, harvest: Harvest, folder: Path) -> None:
    """The command and other programs, with the key in their environment."""
    wav = folder / "short.wav"
    with wave.open(str(SPEECH / "caller_3.wav")) as said, wave.open(str(wav), "wb") as short:
        short.setparams(said.getparams())
        short.writeframes(said.readframes(24_000))
    decoy = harvest.decoy.body
    async with SimulatorServer(timing=TIMING) as good, server(repeating(401, decoy)) as port:
        run = _Runner(key, harvest, folder)
        bad = f"http://127.0.0.1:{port}/v1"
        crash = (sys.executable, "-X", "dev", str(Path(__file__).with_name("canary_crash.py")))
        test = _failing_test(folder)
        pytest = (
            sys.executable,
            "-m",
            "pytest",
            "-l",
            "-p",
            "no:cacheprovider",
            "--tb=long",
            str(test),
        )
        await asyncio.gather(
            run("the command's output", bad, *COMMAND, "--log-format", "json", "talk", "--wav", str(wav)),
            run("the command's output", good.base_url, *COMMAND, "--log-format", "text", "talk", "--wav", str(wav)),
            run("the command's output", bad, *COMMAND, "secret"),
            run("the command's output", bad, *COMMAND, "doctor", "--json"),
            run("the command's output", "https://169.254.169.254/v1", *COMMAND, "secret"),
            run("a crash", bad, *crash, bad, "rich"),
            run("a crash", good.base_url, *crash, good.base_url, "abort"),
            run("pytest's output", bad, *pytest),
            asyncio.to_thread(_children, key, harvest),
        )  # fmt: skip


def _report(harvest: Harvest, folder: Path) -> None:
    page = folder / "report.html"
    done = trunkline_command("report", str(folder / "calls.tlrec"), "-o", str(page))
    assert done.returncode == 0, done.stderr
    harvest.add("a report", page.read_text() + done.stdout + done.stderr)


class _Runner:
    def __init__(self, key: Word, harvest: Harvest, folder: Path) -> None:
        self._harvest, self._folder = harvest, folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI")}
        paths = [str(Path(__file__).parents[1]), *filter(None, sys.path)]
        self._environment = kept | {
            "OPENAI_API_KEY": key.whole,
            "DECOY": harvest.decoy.body,
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONFAULTHANDLER": "1",
        }

    async def __call__(self, sink: str, base_url: str, *command: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            stdin=asyncio.subprocess.DEVNULL,
            cwd=self._folder,
            env=self._environment | {"OPENAI_BASE_URL": base_url},
        )
        told, _ = await process.communicate()
        self._harvest.add(sink, f"exit {process.returncode}\n".encode() + told)


def _failing_test(folder: Path) -> Path:
    """A test of somebody's that fails inside of ours: its key is in the environment, and in none of its own frames."""
    path = folder / "test_of_somebody.py"
    path.write_text(
        "import asyncio, os, trunkline\n"
        "from trunkline.client.minting import Mint\n"
        "async def dial():\n"
        "    async with trunkline.connect(name=os.environ['DECOY']) as line:\n"
        "        async for _ in line: pass\n"
        "async def mint():\n"
        "    await Mint(trunkline.connect().config)()\n"
        "def test_dial(): asyncio.run(dial())\n"
        "def test_mint(): asyncio.run(mint())\n"
    )
    (folder / "pytest.ini").write_text("[pytest]\n")
    return path


def _children(key: Word, harvest: Harvest) -> None:
    """What the kernel shows to others of a process that we start."""
    ours = {"OPENAI_API_KEY": key.whole, "TRUNKLINE_DECOY": harvest.decoy.body}
    os.environ.update(ours)
    try:
        with SimulatedServer(seed=1, scenario={"faults": []}) as simulated:
            assert simulated._process is not None
            for what in ("environ", "cmdline"):
                told = Path(f"/proc/{simulated._process.pid}/{what}").read_bytes()
                harvest.add("/proc of children", told)
    finally:
        for name in ours:
            del os.environ[name]


def _on_a_terminal(harvest: Harvest, recording: Path) -> None:
    """Every byte that the console writes to a terminal."""
    arguments = ("console", "--replay", str(recording), "--speed", "120")
    terminal = Terminal(*arguments, columns=120, rows=36)
    terminal.wait_for(harvest.decoy.body[:10], 60)
    for keys in ("\r", "2", "3"):
        terminal.type(keys)
        terminal._read(0.3)
    terminal.type("q")
    with contextlib.suppress(AssertionError):
        terminal.end(20)
    harvest.add("bytes on a terminal", bytes(terminal.output))
