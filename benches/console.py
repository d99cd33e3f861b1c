"""What the console costs, in a real terminal of 120x36, and what it costs lines in its own process.

    python benches/console.py screens [--lines 1000] [--seconds 20]
    python benches/console.py beside [--lines 50] [--seconds 30]

`screens` shows synthetic snapshots that move (rows twice a second, meters ten times): the share of a core that its
process takes, with the fleet on the screen, with a session, and with snapshots that stand still; the time from exec to
the first rows on the terminal; and the memory. Snapshots are made before, so that what is measured is drawing.

`folded` feeds beats of that many lines, two a second each, through the fold in the console's own process, as an
attached console does it after its reader: drawing and folding.

`beside` holds live lines to a simulator in another process: a pacer of 20 ms in the event loop of the lines tells how
late it is, without a console and with one on the main thread. A machine that is shared makes everything late: look at
the load first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from fcntl import ioctl
from pathlib import Path

ROOT = Path(__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
COLUMNS, ROWS = 120, 36
CHUNK_SECONDS = 0.02
KEY = "sk-sim-bench"


# In the console's own process.


class Carousel:
    """A desk of snapshots that were made before, shown in turn; one alone stands still."""

    playback = None

    def __init__(self, lines: int, count: int) -> None:
        from tui.desks import SyntheticDesk

        self._desk = SyntheticDesk(lines=lines)
        self._count = count
        self._fleets: dict[int, object] = {}
        self._lines: dict[tuple[str, int], object] = {}
        self._watched: str | None = None

    def prepare(self) -> None:
        """The rest of the snapshots, after the first paint."""
        for step in range(self._count):
            self._fleet(step)

    def fleet(self):
        return self._fleet(int(time.monotonic() * 2) % self._count)

    def line(self):
        if self._watched is None:
            return None
        step = int(time.monotonic() * 10) % self._count
        if (self._watched, step) not in self._lines:
            self._desk.step = step
            self._desk.watch(self._watched)
            self._lines[self._watched, step] = self._desk.line()
        return self._lines[self._watched, step]

    def watch(self, key):
        self._watched = key

    def entries(self):
        return ()

    def window(self, seconds):
        pass

    def mark(self, key, note):
        pass

    def finished(self):
        return None

    def _fleet(self, step: int):
        if step not in self._fleets:
            self._desk.step = step
            self._fleets[step] = self._desk.fleet()
        return self._fleets[step]


def show(lines: int, count: int) -> None:
    from trunkline.tui.app import run_console
    from trunkline.tui.controls import ReadOnly

    desk = Carousel(lines, count)
    threading.Timer(1.0, desk.prepare).start()
    run_console(desk, ReadOnly(), title="bench")


def fold(lines: int) -> None:
    """Beats of so many lines, as a reader gives them, in the console's process."""
    from trunkline.fleet.block import Stamped
    from trunkline.fleet.desk import FoldingDesk
    from trunkline.fleet.worker import Worker
    from trunkline.telemetry.frames import Began
    from trunkline.tui.app import run_console
    from trunkline.tui.controls import ReadOnly

    offset = time.time() - time.monotonic()

    class Source(Worker):
        """Half of the lines each quarter of a second."""

        turn = -1

        def gather(self) -> None:
            now = time.monotonic()
            if self.turn < 0:
                begins = [
                    Began(
                        line=f"l{n}",
                        at=now,
                        wall_offset=offset,
                        name=f"line-{n:04}",
                        server="bench",
                        process="p",
                    )
                    for n in range(lines)
                ]
                self.give([Stamped(time.time(), frame) for frame in begins])
            turn = int(now * 4)
            if turn != self.turn:
                self.turn = turn
                beats = [beat_of(f"l{n}", now) for n in range(turn % 2, lines, 2)]
                self.give([Stamped(time.time(), frame) for frame in beats])

    desk = FoldingDesk()
    source = Source(desk, thread="source")
    source.start()
    run_console(desk, ReadOnly(), title="bench")
    source.close()


def beat_of(line: str, now: float):
    from trunkline.telemetry import beat
    from trunkline.telemetry.frames import Beat

    return Beat(
        line=line, at=now, epoch=1,
        sums={"up_bytes": 33_500.0, "down_bytes": 30_000.0, "up_messages": 25.0, "down_messages": 5.0,
              "up_chunks": 25.0, "accepted": 12_000.0, "sent": 12_000.0, "input_energy": 90.0,
              "input_samples": 12_000.0, "timed_chunks": 25.0},
        gauges={beat.OUTBOX: 0.0, beat.RETAINED: 48_000.0, beat.KERNEL_RTT: 0.03, beat.BUFFERED: 180.0},
        spreads={beat.LATENESS: (20,) * 20 + (24,) * 5, beat.LOOP_LAG: (30,) * 5},
        types={"up input_audio_buffer.append": 25, "down response.output_audio.delta": 5},
    )  # fmt: skip


def talk_beside(lines: int, seconds: float, address: str, report: str, *, console: bool) -> None:
    """Live lines in a thread of their own; the console, if any, on the main one."""
    from trunkline.cli.switching import switching_quickly
    from trunkline.fleet.desk import FoldingDesk
    from trunkline.fleet.telemetry import Telemetry
    from trunkline.tui.app import run_console
    from trunkline.tui.controls import ReadOnly

    desk = FoldingDesk()
    telemetry = Telemetry(desk, name="bench")
    late: list[float] = []
    network = threading.Thread(
        target=lambda: asyncio.run(_converse(lines, seconds, address, telemetry, late))
    )
    with switching_quickly():
        network.start()
        if console:
            ended = threading.Thread(target=lambda: (network.join(), desk.finish("done")))
            ended.start()
            run_console(desk, ReadOnly(), title="bench", leave_when_finished=True)
        network.join()
    telemetry.close()
    Path(report).write_text(json.dumps(sorted(late)), encoding="utf-8")


async def _converse(lines: int, seconds: float, address: str, telemetry, late: list[float]) -> None:
    import contextlib

    import trunkline
    from trunkline.cli.recordings import recorded_turns

    pcm = b"".join(turn.pcm + bytes(96_000) for turn in recorded_turns())
    async with contextlib.AsyncExitStack() as stack:
        entered = []
        for number in range(lines):
            line = trunkline.connect(
                model="gpt-realtime",
                api_key=KEY,
                base_url=address,
                telemetry=telemetry,
                name=f"line-{number:02}",
            )
            entered.append(await stack.enter_async_context(line))
        tasks = [asyncio.create_task(_listen(line)) for line in entered]
        await _pace(entered, seconds, pcm, late)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(line) -> None:
    async for _event in line:
        pass


async def _pace(lines, seconds: float, pcm: bytes, late: list[float]) -> None:
    """Each 20 ms a chunk to each line, each at its own place of the speech."""
    loop = asyncio.get_running_loop()
    size = 960
    begins = [number * len(pcm) // len(lines) // size * size for number in range(len(lines))]
    due = loop.time()
    warm = due + 5
    ends = warm + seconds
    step = 0
    while due < ends:
        due += CHUNK_SECONDS
        await asyncio.sleep(max(0.0, due - loop.time()))
        now = loop.time()
        if now > warm:
            late.append((now - due) * 1000)
        for line, begin in zip(lines, begins, strict=True):
            at = (begin + step * size) % (len(pcm) - size)
            line.send_audio(pcm[at : at + size])
        step += 1


# The measuring process.


class Watched:
    """A child on a pty whose output is read away, and what it takes."""

    def __init__(self, *arguments: str) -> None:
        self.began_at = time.monotonic()
        self.shown = bytearray()
        self.pid, self._terminal = pty.fork()
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        if self.pid == 0:
            ioctl(0, termios.TIOCSWINSZ, size)
            path = f"{ROOT / 'python'}:{ROOT / 'tests'}"
            variables = os.environ | {
                "TERM": "xterm-256color",
                "PYTHONPATH": path,
                "TEXTUAL_ANIMATIONS": "none",
            }
            os.execve(sys.executable, [sys.executable, __file__, *arguments], variables)
        ioctl(self._terminal, termios.TIOCSWINSZ, size)

    def read(self, seconds: float, until: bytes | None = None) -> bool:
        """Reads for so long, or until something is shown; whether it was, or the child still lives."""
        ends_at = time.monotonic() + seconds
        while (left := ends_at - time.monotonic()) > 0:
            if select.select([self._terminal], [], [], left)[0]:
                try:
                    data = os.read(self._terminal, 65_536)
                except OSError:
                    return False
                if until is not None:
                    self.shown += data
                    if until in self.shown:
                        return True
        return until is None

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mib(self) -> float:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE / 2**20

    def share(self, seconds: float) -> float:
        before, at = self.cpu_seconds(), time.monotonic()
        self.read(seconds)
        return (self.cpu_seconds() - before) / (time.monotonic() - at) * 100

    def end(self) -> None:
        self.type("q")
        self.read(5)
        os.waitpid(self.pid, 0)
        os.close(self._terminal)


def screens(lines: int, seconds: float, rounds: int) -> None:
    paints = []
    for _ in range(rounds):
        child = Watched("--show", str(lines), "1")
        assert child.read(20, until=b"kiosk-12"), "the first rows never came"
        paints.append(time.monotonic() - child.began_at)
        child.end()
    print(
        f"first paint  {statistics.median(paints):.2f} s (of {rounds}: {', '.join(f'{p:.2f}' for p in paints)})"
    )
    child = Watched("--show", str(lines), "20")
    child.read(8)
    print(f"fleet        {child.share(seconds):.1f} % of a core, {child.memory_mib():.0f} MiB")
    child.type("\r")
    child.read(3)
    print(f"session      {child.share(seconds):.1f} % of a core, {child.memory_mib():.0f} MiB")
    child.end()
    child = Watched("--show", str(lines), "1")
    child.read(5)
    print(f"idle         {child.share(seconds):.1f} % of a core")
    child.end()


def folded(lines: int, seconds: float) -> None:
    child = Watched("--fold", str(lines))
    child.read(10)
    print(f"with fold    {child.share(seconds):.1f} % of a core, {child.memory_mib():.0f} MiB")
    child.end()


def beside(lines: int, seconds: float) -> None:
    for name, flag in (("no console", "0"), ("console", "1")):
        with tempfile.TemporaryDirectory() as folder, Simulator() as address:
            report = Path(folder) / "late.json"
            child = Watched("--beside", str(lines), str(seconds), address, str(report), flag)
            before = time.monotonic()
            while child.read(1.0) and time.monotonic() - before < seconds + 60:
                pass
            os.waitpid(child.pid, 0)
            late = json.loads(report.read_text(encoding="utf-8"))
        p = {q: late[min(int(len(late) * q / 100), len(late) - 1)] for q in (50, 95, 99)}
        print(
            f"{name:<12} late p50 {p[50]:.2f}  p95 {p[95]:.2f}  p99 {p[99]:.2f}  max {late[-1]:.1f} ms of {len(late)}"
        )


class Simulator:
    def __enter__(self) -> str:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "trunkline", "simulate", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


def main() -> None:
    if sys.argv[1:2] == ["--show"]:
        return show(int(sys.argv[2]), int(sys.argv[3]))
    if sys.argv[1:2] == ["--fold"]:
        return fold(int(sys.argv[2]))
    if sys.argv[1:2] == ["--beside"]:
        lines, seconds, address, report, console = sys.argv[2:]
        return talk_beside(int(lines), float(seconds), address, report, console=console == "1")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("screens", "folded", "beside"))
    parser.add_argument("--lines", type=int)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if options.what == "screens":
        screens(options.lines or 1000, options.seconds, options.rounds)
    elif options.what == "folded":
        folded(options.lines or 1000, options.seconds)
    else:
        beside(options.lines or 50, options.seconds)
    return None


if __name__ == "__main__":
    main()
