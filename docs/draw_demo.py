"""Draws docs/demo.gif: the console over a real run of the demo, with its two breaks.

The demo runs as ever, in real time, against its simulator; the console folds what the line tells and draws it without a
terminal. Its screenshots are SVG files, which rsvg-convert (Debian: librsvg2-bin, fonts-dejavu-core) makes pixels of,
and Pillow an animation. Takes about a minute. Run it again when the screens have changed: `make picture`.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from trunkline.cli.rehearsal import Rehearsal
from trunkline.fleet.desk import FoldingDesk
from trunkline.fleet.telemetry import Telemetry
from trunkline.text import Clean
from trunkline.tui.app import ConsoleApp
from trunkline.tui.context import Context
from trunkline.tui.controls import ReadOnly

PICTURE = Path(__file__).with_name("demo.gif")
SIZE = (110, 32)
WIDTH_PIXELS = 960
FRAME_SECONDS = 1.25
MOST_BYTES = 500_000
# Colours of a screenshot that are told apart, and how many steps of each to the background smooth its letters.
COLOURS, STEPS = 20, 2
# When a key is pressed, in seconds after the line was first seen: into its events, and back.
KEYS = ((20.0, "e"), (25.0, "escape"))
LAST_FRAME_SECONDS = 3.0
FONT = "DejaVu Sans Mono"
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_FONT_FACE = re.compile(r"@font-face\s*{[^}]*}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Frame:
    """A screenshot, and when it was taken."""

    at: float
    svg: str


def main(arguments: list[str]) -> int:
    """Draws the picture; 1 if it came out larger than a page may load."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder to keep the frames in")
    keep = parser.parse_args(arguments).keep
    if shutil.which("rsvg-convert") is None:
        print(
            "rsvg-convert is missing: apt-get install librsvg2-bin fonts-dejavu-core",
            file=sys.stderr,
        )
        return 1
    frames = perform()
    with tempfile.TemporaryDirectory() as folder:
        images = draw(frames, keep or Path(folder))
    save(images, frames)
    size = PICTURE.stat().st_size
    print(f"{PICTURE}: {len(frames)} frames, {size} bytes")
    return int(size > MOST_BYTES)


def perform() -> list[Frame]:
    """Runs the demo in a thread of its own, and the console here; gives what the console showed."""
    desk = FoldingDesk()
    telemetry = Telemetry(desk, name="demo")
    telemetry.start()
    rehearsal = Rehearsal(seconds=None, seed=1, wav=None, telemetry=telemetry)

    def call() -> None:
        result = rehearsal.run()
        lost = "no audio lost" if result.ok else result.complaint()
        desk.finish(f"{result.outcome.answered} of {result.outcome.turns} turns answered, {lost}")

    thread = threading.Thread(target=call, name="network")
    thread.start()
    try:
        return asyncio.run(watch(desk, thread))
    finally:
        rehearsal.stop()
        thread.join()
        telemetry.close()


async def watch(desk: FoldingDesk, call: threading.Thread) -> list[Frame]:
    """Screenshots until the call is over, and one of how it ended."""
    app = ConsoleApp(Context(desk=desk, controls=ReadOnly(), title=Clean("demo")))
    frames: list[Frame] = []
    keys = list(KEYS)
    async with app.run_test(size=SIZE) as pilot:
        while not (desk.fleet() and desk.fleet().rows) and call.is_alive():  # noqa: ASYNC110 - a desk is polled
            await asyncio.sleep(0.05)
        await pilot.pause(1.0)
        loop = asyncio.get_running_loop()
        began = loop.time()
        while call.is_alive():
            now = loop.time() - began
            if keys and now >= keys[0][0]:
                await pilot.press(keys.pop(0)[1])
            frames.append(Frame(now, app.export_screenshot()))
            await asyncio.sleep(max(len(frames) * FRAME_SECONDS - (loop.time() - began), 0.01))
        await asyncio.sleep(1.0)
        frames.append(Frame(loop.time() - began, app.export_screenshot()))
    return frames


def draw(frames: list[Frame], folder: Path) -> list[Image.Image]:
    """Pixels of all frames."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(
            pool.map(
                lambda numbered: convert(numbered[1].svg, folder / f"{numbered[0]:03}"),
                enumerate(frames),
            )
        )


def convert(svg: str, path: Path) -> Image.Image:
    """One frame in pixels, in a font that every Debian has; nothing is fetched for it."""
    svg = _FONT_FACE.sub("", svg).replace("Fira Code", FONT)
    # Its characters are narrower by a little than the cells that the screenshot has; and blanks are part of a screen.
    svg = svg.replace("font-size: 20px", "font-size: 20.27px")
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    source, target = path.with_suffix(".svg"), path.with_suffix(".png")
    source.write_text(svg, encoding="utf-8")
    subprocess.run(  # noqa: S603 - our own file, and the tool of whoever runs this
        ["rsvg-convert", "--width", str(WIDTH_PIXELS), "--output", str(target), str(source)],  # noqa: S607
        check=True,
    )
    with Image.open(target) as image:
        return image.convert("RGB")


def palette_of(frames: list[Frame]) -> Image.Image:
    """The colours that the screens use, however rarely, and steps from the background to each."""
    counts = Counter(colour for frame in frames for colour in _COLOUR.findall(frame.svg))
    (ground, _), *others = counts.most_common(COLOURS + 1)
    entries = list(_parts(ground))
    for colour, _ in others:
        for step in range(1, STEPS + 1):
            pairs = zip(_parts(ground), _parts(colour), strict=True)
            entries += [round(low + (high - low) * step / STEPS) for low, high in pairs]
    palette = Image.new("P", (1, 1))
    palette.putpalette(entries)
    return palette


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def save(images: list[Image.Image], frames: list[Frame]) -> None:
    """All frames in one palette, so that what did not change costs nothing."""
    palette, moments = palette_of(frames), [frame.at for frame in frames]
    flat = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    shown = [later - earlier for earlier, later in itertools.pairwise(moments)]
    flat[0].save(
        PICTURE,
        save_all=True,
        append_images=flat[1:],
        duration=[round(1000 * seconds) for seconds in (*shown, LAST_FRAME_SECONDS)],
        loop=0,
        optimize=True,
        disposal=1,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
