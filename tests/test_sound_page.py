"""docs/sound.md does what it says: its code, on a device of a test."""

from __future__ import annotations

import asyncio
import re
import textwrap
from pathlib import Path

from devices.bench import HandLine
from devices.soundlib import device
from devices.watching import BLOCK, Stand

PAGE = Path(__file__).parents[1] / "docs/sound.md"


def test_the_example_gives_a_line_what_is_said_and_a_loudspeaker_what_is_to_be_heard(
    monkeypatch, capsys
):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    text = "async def example(line, fill):\n" + textwrap.indent(example, "    ")
    names: dict = {}
    exec(compile(text, "sound.md", "exec"), names)
    stand, line, asked = Stand(monkeypatch), HandLine(), []
    stand.library.plugged.append(device("USB Headset", inputs=1))
    stand.library.listed = list(stand.library.plugged)

    def fill(count_samples: int, heard_at: float) -> bytes:
        asked.append((count_samples, heard_at))
        return bytes(2 * count_samples)

    async def run() -> None:
        talking = asyncio.create_task(names["example"](line, fill))
        await asyncio.sleep(BLOCK)
        speaker, mic = sorted(stand.library.streams, key=lambda one: one.kind, reverse=True)
        for number in range(3):
            await asyncio.sleep(BLOCK)
            stand.beat_of(mic, bytes([number, 0]) * 480)
            stand.beat_of(speaker)
        await asyncio.sleep(BLOCK)
        talking.cancel()
        (ended,) = await asyncio.gather(talking, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), ended

    stand.run(run())
    assert [pcm[:1] for (pcm,) in line.of("audio")] == [b"\0", b"\1", b"\2"]
    assert [count for count, _ in asked] == [480] * 3
    assert capsys.readouterr().out.count("Change.OPENED") == 2
