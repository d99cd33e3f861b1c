"""Ordinary audio in native code: noted, recognised in what was read, framed."""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import socket
import struct
import sys
import weakref
from array import array
from dataclasses import FrozenInstanceError, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio import short_way
from trunkline.audio.codec import append_frame, append_message, read_delta_fast
from trunkline.audio.short_way import Notes, ShortWay
from trunkline.errors import CodecError
from trunkline.transports.masking import next_key

SLOTS = ("response_id", "item_id", "output_index", "content_index", "pcm")
LONGEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    response_id: str
    item_id: str
    output_index: int
    content_index: int
    pcm: bytes


def delta(pcm: bytes = b"\1\2" * 240, **fields) -> bytes:
    event = {
        "type": "response.output_audio.delta",
        "event_id": "event_1",
        "response_id": "r",
        "item_id": "a",
        "output_index": 0,
        "content_index": 3,
        "delta": base64.b64encode(pcm).decode(),
    }
    return json.dumps(event | fields, separators=(",", ":")).encode()


def notes(*, law: str | None = None, longest_bytes: int = LONGEST) -> Notes:
    return Notes(Delta, SLOTS, law=law, longest_bytes=longest_bytes)


def opened(**options) -> Notes:
    made = notes(**options)
    made.open_chunks(4, 3, until=9.0)
    made.open_deltas(1, "r", "a", left=500, ran_at=1.0, lag=0.25, until=9.0)
    return made


# What is noted.


def test_nothing_is_noted_before_it_is_opened_or_after_it_was_shut():
    closed = opened()
    closed.shut()
    for one in (notes(), closed):
        assert one.send(b"abcd", 1.0) is None
        assert one.receive(1, delta(), 1.0) is None
        assert (one.take_chunks(), one.take_deltas(), one.heard_at) == (None, None, None)


@pytest.mark.parametrize("law", [None, "ulaw", "alaw"])
def test_a_chunk_becomes_its_message_and_is_kept(law: str | None):
    one = opened(law=law)
    first, second = bytes(4), b"\1\2\3\4"
    assert one.send(first, 1.0) == append_message(first, law=law)
    assert one.send(second, 1.5) == append_message(second, law=law)
    size = 2 * len(append_message(first, law=law))
    chunks, *rest = one.take_chunks()
    assert (chunks, rest) == ([first, second], [1.0, 1.5, size])
    assert chunks[0] is first
    assert one.take_chunks() is None


def test_only_so_many_chunks_of_the_size_are_noted_and_none_from_the_moment_on():
    one = opened()
    assert one.send(b"abcdef", 1.0) is None
    assert one.send(b"abcd", 9.0) is None
    assert [one.send(b"abcd", 1.0) is not None for _ in range(4)] == [True, True, True, False]
    assert len(one.take_chunks()[0]) == 3


def test_half_a_sample_is_refused_and_not_noted():
    one = notes()
    one.open_chunks(3, 9, until=9.0)
    with pytest.raises(CodecError):
        one.send(b"abc", 1.0)
    assert one.take_chunks() is None


def deltas_of(one: Notes) -> tuple[list[float], list[int], int]:
    times, samples, message_bytes = one.take_deltas()
    return list(array("d", times)), list(array("Q", samples)), message_bytes


def test_a_delta_becomes_an_event_of_the_class_with_the_ids_that_were_opened():
    one, message = opened(), delta()
    event = one.receive(1, message, 1.1)
    assert type(event) is Delta
    assert event == Delta(
        response_id="r", item_id="a", output_index=0, content_index=3, pcm=b"\1\2" * 240
    )
    with pytest.raises(FrozenInstanceError):
        event.pcm = b""
    assert one.heard_at == 1.1
    assert deltas_of(one) == ([1.1], [240], len(message))
    assert one.take_deltas() is None


@pytest.mark.parametrize("law", ["ulaw", "alaw"])
def test_a_delta_of_a_law_has_pcm(law: str):
    message = delta(b"\7" * 160)
    event = opened(law=law).receive(1, message, 1.1)
    assert event.pcm == read_delta_fast(message, law=law).pcm


@pytest.mark.parametrize(
    ("epoch", "message", "now"),
    [
        (2, delta(), 1.1),
        (1, delta(), 1.25),
        (1, delta(), 9.0),
        (1, delta(response_id="s"), 1.1),
        (1, delta(item_id="b"), 1.1),
        (1, delta(item_id="a "), 1.1),
        (1, delta(bytes(2 * 501)), 1.1),
        (1, delta(delta="AA=="), 1.1),
        (1, delta(delta="A*AA"), 1.1),
        (1, delta(b"")[:-3], 1.1),
        (1, delta() + b" ", 1.1),
        (1, b"", 1.1),
        (1, b'{"type":"response.done"}', 1.1),
    ],
)
def test_what_is_not_ordinary_is_not_noted(epoch: int, message: bytes, now: float):
    one = opened()
    assert one.receive(epoch, message, now) is None
    assert one.take_deltas() is None
    assert one.receive(1, delta(), 1.1) is not None


def test_each_delta_takes_from_the_samples_that_are_left_and_moves_the_moment():
    one = opened()
    assert [one.receive(1, delta(), at) is not None for at in (1.2, 1.4, 1.6)] == [
        True,
        True,
        False,
    ]
    assert one.receive(1, delta(bytes(40)), 1.6) is not None
    assert one.receive(1, b"", 1.6) is None


def test_a_message_that_is_too_long_is_not_noted():
    message = delta()
    assert opened(longest_bytes=len(message)).receive(1, message, 1.1) is not None
    assert opened(longest_bytes=len(message) - 1).receive(1, message, 1.1) is None


def test_only_a_class_with_these_slots_will_do():
    @dataclass
    class Loose:
        response_id: str = ""

    with pytest.raises((TypeError, AttributeError)):
        Notes(Loose, SLOTS, law=None, longest_bytes=1)
    with pytest.raises(AttributeError):
        Notes(Delta, (*SLOTS[:4], "sound"), law=None, longest_bytes=1)
    with pytest.raises(TypeError):
        Notes(Delta, (*SLOTS[:4], "__eq__"), law=None, longest_bytes=1)
    with pytest.raises(CodecError):
        notes(law="blaw")


# What a link does with it.


class Way(ShortWay):
    """A link without a transport."""

    def __init__(self, one: Notes | None, *, sums: bool = True) -> None:
        self.buffer = bytearray(16 * 1024)
        self.read_into(self.buffer, memoryview(self.buffer))
        self.is_usual = self.is_free = True
        self.heard: list[Delta] = []
        self.left: list[int] = []
        self.rest: list[bytes] = []
        self.written: list[bytes] = []
        if one is not None:
            one.sums = sums
            self.begin(one)

    def begin(
        self, one: Notes, *, limit_bytes: int = LONGEST, hear=None, write=None, pong=None
    ) -> None:
        self.open_way(
            one,
            1,
            limit_bytes=limit_bytes,
            clock=lambda: 1.1,
            hear=hear or self.heard.append,
            write=write or self.written.append,
            next_key=next_key,
            pong=pong,
        )

    def was_read(self, nbytes: int) -> None:
        self.left.append(nbytes)

    def was_given(self, data: bytes) -> None:
        self.rest.append(data)

    def read(self, data: bytes) -> None:
        view = self.get_buffer(-1)
        view[: len(data)] = data
        self.buffer_updated(len(data))


def frame(message: bytes) -> bytes:
    assert 125 < len(message) < 1 << 16
    return b"\x81\x7e" + len(message).to_bytes(2, "big") + message


def test_a_frame_with_a_delta_is_heard_and_left_to_nobody():
    one = opened()
    way = Way(one)
    way.read(frame(delta()))
    assert ([event.pcm for event in way.heard], way.left) == ([b"\1\2" * 240], [])
    assert deltas_of(one) == ([1.1], [240], len(delta()))


BIG = delta(bytes(6000))


def test_a_frame_that_is_longer_than_a_page_is_heard_as_well():
    one = notes()
    one.open_deltas(1, "r", "a", left=5000, ran_at=1.0, lag=0.25, until=9.0)
    way = Way(one)
    way.read(frame(BIG))
    assert [event.pcm for event in way.heard] == [bytes(6000)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x81",
        frame(delta())[:-1],
        frame(delta(item_id="b")) + frame(delta()),
        b"\x01" + frame(delta())[1:],
        b"\x82" + frame(delta())[1:],
        b"\xc1" + frame(delta())[1:],
        b"\x81\xfe" + frame(delta())[2:],
        b"\x81\x7f" + len(delta()).to_bytes(8, "big") + delta(),
        frame(delta(item_id="b")),
        frame(b" " * 200),
        b"\x8a\x04abcd",
    ],
)
def test_whatever_else_was_read_is_left_as_it_is(data: bytes):
    way = Way(opened())
    way.read(data)
    assert (way.heard, way.left, way.rest) == ([], [len(data)], [])
    assert way.buffer[: len(data)] == data


@pytest.mark.parametrize(
    ("count", "rest"),
    [
        (1, b"\x81"),
        (2, b""),
        (3, frame(delta())[:-1]),
        (1, frame(b" " * 200) + frame(delta())),
        (1, frame(delta(item_id="b"))),
        (16, frame(delta(bytes(8)))),
    ],
)
def test_all_deltas_of_a_read_are_heard_up_to_the_first_that_is_none(count: int, rest: bytes):
    way = Way(opened())
    way.read(frame(delta(bytes(8))) * count + rest)
    assert [event.pcm for event in way.heard] == [bytes(8)] * count
    assert (way.left, way.rest) == ([], [rest] if rest else [])


PONG = b"\x8a\x02ab"


def test_pongs_among_deltas_are_told_in_their_order():
    one, told = opened(), []
    way, short = Way(one), frame(delta(bytes(8)))
    way.begin(one, hear=lambda event: told.append(len(event.pcm)), pong=told.append)
    way.read(PONG + short + PONG + short + b"\x8a\x00")
    assert (told, way.left, way.rest) == ([b"ab", 8, b"ab", 8, b""], [], [])
    way.read(PONG)
    way.read(short + PONG + PONG[:-1])
    assert (told[5:], way.rest) == ([b"ab", 8, b"ab"], [PONG[:-1]])


def test_pongs_are_left_to_python_where_nobody_takes_them_or_a_message_is_unfinished():
    one, told = opened(), []
    way = Way(one)
    way.read(PONG)
    assert way.left == [len(PONG)]
    way.begin(one, pong=told.append)
    way.is_usual = False
    way.read(PONG)
    way.is_usual = True
    way.read(b"\x8a\x7e" + bytes(130))
    assert (told, way.left) == ([], [len(PONG), len(PONG), 132])


def test_a_flood_of_pongs_has_turns_as_well():
    one, told = opened(), []
    way = Way(one)
    way.begin(one, pong=told.append)
    way.read(PONG * 20)
    assert (len(told), way.rest) == (16, [PONG * 4])


def test_who_hears_may_use_the_buffer_without_harm_to_what_came_behind():
    one = opened()
    way = Way(one)
    seen = []

    def hear(event: Delta) -> None:
        seen.append(event.pcm)
        way.buffer[:] = bytes(len(way.buffer))

    way.begin(one, hear=hear)
    way.read(frame(delta(bytes(8))) * 2 + b"\x81")
    assert (seen, way.rest) == ([bytes(8)] * 2, [b"\x81"])


@given(st.binary(max_size=40), st.integers(0, 700))
def test_no_read_does_harm(noise: bytes, at: int):
    way, data = Way(opened()), bytearray(frame(delta()))
    data[at : at + len(noise)] = noise
    way.read(bytes(data))
    if bytes(data) != frame(delta()) and way.heard:
        # Then it is another delta of the same answer, and the reader of single ones agrees.
        assert way.heard[0].pcm == read_delta_fast(bytes(data[4:])).pcm
    assert len(way.heard) + len(way.left) == 1
    # Bytes are cut off only behind what was heard.
    assert not way.rest or way.heard


def test_a_message_beyond_the_limit_of_the_link_is_left_to_who_refuses_it():
    one, message = opened(), delta()
    for limit_bytes, heard in ((len(message), 1), (len(message) - 1, 0)):
        way = Way(one)
        way.begin(one, limit_bytes=limit_bytes)
        way.read(frame(message))
        assert len(way.heard) == heard


def test_the_count_of_bytes_is_not_believed_beyond_the_buffer():
    way = Way(opened())
    way.buffer_updated(1 << 40)
    assert way.left == [1 << 40]


@pytest.mark.parametrize("name", ["is_usual", "sums", "way"])
def test_nothing_is_heard_while_the_way_is_not_open(name: str):
    one = opened()
    way = Way(one, sums=name != "sums")
    way.is_usual = name != "is_usual"
    if name == "way":
        way.close_way()
    way.read(frame(delta()))
    assert (way.heard, len(way.left)) == ([], 1)
    assert one.take_deltas() is None


def test_a_chunk_is_written_as_a_masked_frame_with_a_key_of_its_own():
    one = opened()
    way = Way(one)
    assert [way.send_chunk(b"abcd") for _ in range(4)] == [True, True, True, False]
    keys = [data[2:6] for data in way.written]
    assert len(set(keys)) == 3
    for data, key in zip(way.written, keys, strict=True):
        assert data == append_frame(b"abcd", key)
    assert len(one.take_chunks()[0]) == 3


def test_keys_are_used_once():
    one = notes()
    one.open_chunks(2, 1 << 30, until=9.0)
    way = Way(one)
    for _ in range(5000):
        assert way.send_chunk(b"ab")
    # Of four random bytes two may be equal by chance.
    assert len({data[2:6] for data in way.written}) >= 4990


@pytest.mark.parametrize("name", ["is_free", "sums", "way"])
def test_no_chunk_is_written_while_the_way_is_not_open(name: str):
    one = opened()
    way = Way(one, sums=name != "sums")
    way.is_free = name != "is_free"
    if name == "way":
        way.close_way()
    assert not way.send_chunk(b"abcd")
    assert (way.written, one.take_chunks()) == ([], None)


@pytest.mark.parametrize("samples", [bytearray(b"abcd"), "abcd", None, 4, memoryview(b"abcd")])
def test_only_bytes_are_sent_in_one_step(samples: object):
    assert not Way(opened()).send_chunk(samples)


def test_who_hears_and_who_writes_may_use_the_link_and_may_fail():
    one = opened()
    way = Way(None)

    def hear(event: Delta) -> None:
        way.is_usual = True
        assert way.send_chunk(b"abcd")
        raise ValueError(event.item_id)

    def write(data: bytes) -> None:
        way.is_free = False
        way.written.append(data)

    one.sums = True
    way.begin(one, hear=hear, write=write)
    with pytest.raises(ValueError, match="a"):
        way.read(frame(delta()))
    assert len(way.written) == 1
    assert not way.send_chunk(b"abcd")


def test_a_link_that_is_in_a_circle_with_its_listener_is_collected():
    class Listening(Way):
        def hear(self, _event: Delta) -> None: ...

    one = opened()
    way = Listening(one)
    way.begin(one, hear=way.hear, write=way.hear)
    gone = weakref.ref(way)
    del way
    gc.collect()
    assert gone() is None


# Sockets that are read for many links at once.


class Told(ShortWay):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list = []

    def was_given(self, data: bytes) -> None:
        self.told.append(data)
        if data == b"bad":
            raise ValueError("bad")
        if data == b"stop":
            raise KeyboardInterrupt

    def has_ended(self, number: int) -> None:
        self.told.append(number)

    def has_failed(self, error: Exception) -> None:
        self.told.append(type(error))


@pytest.fixture
def pair():
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        yield near, far


linux = pytest.mark.skipif(sys.platform != "linux", reason="NOT PROVEN: only Linux has epoll")


@linux
def test_each_link_is_told_what_came_for_it(pair):
    poller, links = short_way.Poller(), [Told(), Told()]
    for sock, link in zip(pair, links, strict=True):
        poller.watch(sock.fileno(), link)
    assert len(poller) == 2
    assert poller.fileno() >= 0
    poller.look()
    assert [link.told for link in links] == [[], []]
    pair[1].send(b"to the first")
    pair[0].send(b"to the second")
    poller.look()
    assert [link.told for link in links] == [[b"to the first"], [b"to the second"]]


@linux
def test_a_read_takes_no_more_than_its_buffer_and_the_next_one_the_rest(pair):
    poller, link = short_way.Poller(), Told()
    poller.watch(pair[0].fileno(), link)
    pair[1].send(b"*" * 20_000)
    poller.look()
    assert link.told == [b"*" * 16_384]
    poller.look()
    assert b"".join(link.told) == b"*" * 20_000


@linux
@pytest.mark.parametrize("closes", [False, True])
def test_the_rest_of_a_frame_that_is_not_there_is_not_waited_for(pair, closes):
    poller, link = short_way.Poller(), Told()
    link.is_usual = True
    poller.watch(pair[0].fileno(), link)
    begun = b"\x81\x7e" + (20_000).to_bytes(2, "big") + b"*" * 16_380
    pair[1].send(begun)
    if closes:
        pair[1].close()
    poller.look()
    assert link.told == [begun, 0][: 1 + closes]


@linux
@pytest.mark.parametrize("size", [2**64 - 1, 2**64 - 16, 2**63, 70_000])
def test_a_frame_that_says_it_is_longer_than_can_be_is_left_to_who_refuses_it(pair, size):
    poller, link = short_way.Poller(), Told()
    link.is_usual = True
    poller.watch(pair[0].fileno(), link)
    begun = b"\x82\x05first\x81\x7f" + size.to_bytes(8, "big")
    pair[1].send(begun.ljust(17_000, b"*"))
    poller.look()
    assert b"".join(link.told) == begun.ljust(16_384, b"*")


@linux
@pytest.mark.parametrize(
    ("is_usual", "owed", "expected"),
    [(True, 0, 18_002), (False, 1_000, 18_002), (False, 0, 16_384), (False, 20_000, 16_384)],
)
def test_a_full_read_takes_the_rest_of_its_last_frame_where_it_is_known(
    pair, is_usual, owed, expected
):
    poller, link = short_way.Poller(), Told()
    link.is_usual, link.owed = is_usual, owed
    poller.watch(pair[0].fileno(), link)
    frames = (b"\x82\x7e" + (1_496).to_bytes(2, "big") + bytes(1_496)) * 20
    pair[1].send(frames[500 if owed else 0 :])
    poller.look()
    read = sum(map(len, link.told))
    # Twelve of 1,500 bytes, or what is left of the first and then whole ones.
    assert (read + 500 * bool(owed)) % 1500 == 0 if expected > 16_384 else read == expected


@linux
def test_looks_that_leave_some_read_more_until_none_is_left():
    told, pairs = [], [socket.socketpair() for _ in range(150)]
    poller = short_way.Poller()

    class Counting(Told):
        def was_given(self, data: bytes) -> None:
            told.append(len(data))

    for near, far in pairs:
        poller.watch(near.fileno(), Counting())
        far.setblocking(False)

    def reads(looks: int) -> list[int]:
        counts = []
        for _ in range(looks):
            for _, far in pairs:
                with contextlib.suppress(BlockingIOError):
                    far.send(b"*" * 20_000)
            poller.look()
            counts.append(len(told))
            told.clear()
        return counts

    assert reads(28) == [64] * 8 + [128] * 8 + [192] * 12
    while len(poller) and (poller.look() or told):
        told.clear()
    # None is left, so the next ones are patient again.
    assert reads(9) == [64] * 8 + [128]
    for near, far in pairs:
        near.close()
        far.close()


@linux
def test_an_end_is_told_until_the_link_leaves(pair):
    poller, link = short_way.Poller(), Told()
    poller.watch(pair[0].fileno(), link)
    pair[1].close()
    poller.look()
    poller.look()
    assert link.told == [0, 0]
    poller.leave(pair[0].fileno())
    poller.leave(pair[0].fileno())
    poller.look()
    assert link.told == [0, 0]
    assert len(poller) == 0


@linux
def test_an_error_is_left_to_who_owns_the_socket():
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    poller, link = short_way.Poller(), Told()
    poller.watch(near.fileno(), link)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    far.close()
    poller.look()
    assert link.told == [0]
    with near, pytest.raises(ConnectionResetError):
        near.recv(1)


@linux
def test_what_a_link_raises_is_its_own_but_an_interrupt_is_the_loops(pair):
    poller, link = short_way.Poller(), Told()
    poller.watch(pair[0].fileno(), link)
    pair[1].send(b"bad")
    poller.look()
    assert link.told == [b"bad", ValueError]
    pair[1].send(b"stop")
    with pytest.raises(KeyboardInterrupt):
        poller.look()
    pair[1].send(b"more")
    poller.look()
    assert link.told[-1] == b"more"


@linux
def test_one_that_leaves_while_others_are_told_is_told_no_more(pair):
    poller, told = short_way.Poller(), []

    class Leaving(Told):
        def was_given(self, data: bytes) -> None:
            told.append(data)
            for sock in pair:
                poller.leave(sock.fileno())

    for sock in pair:
        poller.watch(sock.fileno(), Leaving())
    pair[0].send(b"x")
    pair[1].send(b"x")
    poller.look()
    assert told == [b"x"]


@linux
def test_what_is_no_socket_is_refused(pair, tmp_path):
    poller = short_way.Poller()
    with pytest.raises(ValueError, match="a socket that is closed"):
        poller.watch(-1, Told())
    with (tmp_path / "file").open("wb") as file, pytest.raises(OSError, match="not permitted"):
        poller.watch(file.fileno(), Told())
    poller.watch(pair[0].fileno(), Told())
    with pytest.raises(FileExistsError):
        poller.watch(pair[0].fileno(), Told())
    assert len(poller) == 1


@linux
def test_what_is_written_is_what_the_kernel_takes_at_once(pair):
    near, far = pair
    write = short_way.Poller.write
    assert write(near.fileno(), b"x" * 100) == 100
    assert far.recv(200) == b"x" * 100
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    taken = [write(near.fileno(), b"y" * 1000) for _ in range(100)]
    assert 0 < sum(taken) < 100_000
    assert taken[-1] == 0
    assert len(far.recv(200_000)) == sum(taken)
    number = near.fileno()
    near.close()
    assert write(number, b"z") == 0
    with pytest.raises(ValueError, match="a socket that is closed"):
        write(-1, b"z")


@linux
def test_a_link_that_decrypts_what_came_is_given_all_of_it(pair):
    class Decrypting:
        """No `ShortWay`."""

        def __init__(self) -> None:
            self.was_given = (told := []).append
            self.told = told

    poller, link = short_way.Poller(), Decrypting()
    poller.watch(pair[0].fileno(), link)
    pair[1].send(b"secret")
    poller.look()
    assert link.told == [b"secret"]


@linux
def test_a_poller_and_its_links_go_together(pair):
    poller, link = short_way.Poller(), Told()
    poller.watch(pair[0].fileno(), link)
    link.poller = poller
    gone = weakref.ref(link)
    del poller, link
    gc.collect()
    assert gone() is None
