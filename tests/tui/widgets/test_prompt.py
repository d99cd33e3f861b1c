from __future__ import annotations

import asyncio

from textual.app import App

from trunkline.tui.widgets.prompt import Prompt


def _heard(*keys, begin=("/", "pstn")):
    heard = []

    class Bench(App):
        def compose(self):
            yield Prompt()

        def on_prompt_typed(self, event):
            heard.append(("typed", event.sign, event.text))

        def on_prompt_given(self, event):
            heard.append(("given", event.sign, event.text))

        def on_prompt_left(self, event):
            heard.append(("left", event.sign, event.text))

    async def run():
        app = Bench()
        async with app.run_test() as pilot:
            prompt = app.query_one(Prompt)
            prompt.open(*begin, words=("window ", "quit"))
            await pilot.press(*keys)
            await pilot.pause()
            return heard, prompt.is_open

    return asyncio.run(run())


def test_every_change_is_told_and_enter_gives_the_text():
    heard, still_open = _heard("x", "enter")
    assert heard[-2:] == [("typed", "/", "pstnx"), ("given", "/", "pstnx")]
    assert still_open is False


def test_escape_tells_what_it_began_with():
    heard, still_open = _heard("x", "y", "escape")
    assert heard[-1] == ("left", "/", "pstn")
    assert still_open is False


def test_words_are_completed():
    heard, _ = _heard("w", "i", "right", "enter", begin=(":", ""))
    assert heard[-1] == ("given", ":", "window ")


def test_what_is_wrong_is_said_beside_the_text():
    async def run():
        class Bench(App):
            def compose(self):
                yield Prompt()

        app = Bench()
        async with app.run_test(size=(60, 4)) as pilot:
            prompt = app.query_one(Prompt)
            prompt.open("/")
            prompt.complain("[b]no such field")
            await pilot.pause()
            return str(prompt.query_one("#prompt-complaint").content)

    assert asyncio.run(run()).strip() == "[b]no such field"
