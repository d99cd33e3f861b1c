"""A program that goes down with a key in its hands: everything that can show it is turned on.

    python -X dev canary_crash.py BASE_URL MODE

The key comes from OPENAI_API_KEY. `rich` lets the failure through to the interpreter, with the locals of all
frames as the Rich library shows them; `abort` dies of a signal in the middle of a call, with faulthandler's last words.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import signal
import sys

import rich.traceback

import trunkline


async def main(base_url: str, mode: str, name: str) -> None:
    asyncio.get_running_loop().slow_callback_duration = 0.001
    async with trunkline.connect(base_url=base_url, name=name) as line:
        line.send_audio(bytes(9600))
        if mode == "abort":
            await asyncio.sleep(0.5)
            os.kill(os.getpid(), signal.SIGABRT)
        async for _ in line:
            pass


if __name__ == "__main__":
    faulthandler.enable()
    # trunkline's records go to telemetry's log only if somebody asks; here all loggers write.
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    address, mode = sys.argv[1:]
    if mode == "rich":
        rich.traceback.install(
            show_locals=True, locals_max_string=None, locals_max_length=None, width=240
        )
    asyncio.run(main(address, mode, os.environ["DECOY"]), debug=True)
