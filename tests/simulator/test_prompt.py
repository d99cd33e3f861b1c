from __future__ import annotations

from trunkline.simulator.items import Item
from trunkline.simulator.prompt import Prompt
from trunkline.simulator.tokens import IMAGE_TOKENS, Cost


def written(item_id: str, text: str) -> Item:
    content = [{"type": "input_text", "text": text}]
    return Item(body={"id": item_id, "type": "message", "role": "user", "content": content})


def spoken(item_id: str, role: str, ms: int) -> Item:
    kind = "input_audio" if role == "user" else "output_audio"
    content = [{"type": kind, "transcript": "words"}]
    body = {"id": item_id, "type": "message", "role": role, "content": content}
    return Item(body=body, pcm={0: bytes(48 * ms)})


def prompt(*items: Item, instructions="be kind", tools=()) -> Prompt:
    return Prompt(instructions=instructions, tools=tools, items=items)


def test_words_cost_by_their_characters_and_speech_by_its_length_alone():
    items = (written("a", "x" * 40), spoken("b", "user", 1000), spoken("c", "assistant", 1000))
    assert prompt(*items).cost(None) == Cost(text=2 + 10, audio=10 + 20)


def test_words_beside_speech_are_paid_for_too():
    mixed = spoken("a", "user", 1000)
    mixed.body["content"].append({"type": "input_text", "text": "x" * 40})
    assert prompt(mixed).cost(None) == Cost(text=2 + 10, audio=10)


def test_tools_cost_as_they_are_written_down():
    tools = [{"type": "function", "name": "f"}]
    cost = len('[{"type":"function","name":"f"}]') // 4
    assert prompt(tools=tools).cost(None).text == 2 + cost


def test_an_image_costs_the_same_whatever_it_shows():
    content = [{"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]
    item = Item(body={"id": "i", "type": "message", "role": "user", "content": content})
    assert prompt(item).cost(None).image == IMAGE_TOKENS


def test_what_was_read_before_comes_from_the_cache():
    first, second = spoken("a", "user", 500), written("b", "y" * 8)
    cost = prompt(first, second).cost(prompt(first))
    assert (cost.cached_text, cost.cached_audio, cost.cached) == (2, 5, 7)
    assert (cost.text, cost.audio) == (4, 5)


def test_the_cache_ends_where_something_changed():
    first, second, third = (written(name, name * 8) for name in "abc")
    before = prompt(first, second, third)
    assert prompt(first, third).cost(before).cached == 2 + 2
    assert prompt(first, second, instructions="be rude").cost(before).cached == 0
    heard = spoken("s", "assistant", 500)
    cut = spoken("s", "assistant", 200)
    assert prompt(cut, first).cost(prompt(heard, first)).cached == 2
