"""The line: what an application holds."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from trunkline.audio import codec
from trunkline.client.budget import process_budget
from trunkline.client.clocks import Clocks
from trunkline.client.config import LineConfig, config_of, policy_of
from trunkline.client.credentials import KeySource, seal
from trunkline.client.dice import draw
from trunkline.client.driver import Driver
from trunkline.client.inbox import Inbox
from trunkline.client.keyform import KeyForm
from trunkline.client.minting import minting
from trunkline.client.observers import Observer, Observers
from trunkline.client.rotations import Rotations
from trunkline.client.telemetry import observers_with
from trunkline.client.validation import check_session
from trunkline.errors import LocalError
from trunkline.protocol.connection import Connection
from trunkline.protocol.events import Interrupted
from trunkline.protocol.snapshot import Snapshot
from trunkline.transports.websocket import WebSocketTransport

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from types import TracebackType

    from trunkline.audio.codec import Samples
    from trunkline.client.credentials import Credential
    from trunkline.client.endpoint import Endpoint
    from trunkline.client.session import Session
    from trunkline.client.telemetry import LineTelemetry
    from trunkline.protocol.backoff import RetryBudget
    from trunkline.protocol.books import Books
    from trunkline.protocol.events import Event
    from trunkline.protocol.lifecycle import State
    from trunkline.protocol.observations import Rotated
    from trunkline.protocol.outage import Outage
    from trunkline.protocol.policy import LinePolicy
    from trunkline.protocol.usage import Usage
    from trunkline.transports.base import Transport

__all__ = ["Line", "connect"]


def connect(
    *,
    model: str | None = None,
    api_key: Credential | None = None,
    base_url: str | None = None,
    endpoint: Endpoint | None = None,
    key_form: KeyForm = KeyForm.AUTO,
    ephemeral: int | None = None,
    organization: str | None = None,
    project: str | None = None,
    safety_identifier: str | None = None,
    call_id: str | None = None,
    session: Session | Mapping[str, Any] | None = None,
    policy: LinePolicy | None = None,
    observers: Sequence[Observer] = (),
    transport: Transport | None = None,
    budget: RetryBudget | None = None,
    seed: int | None = None,
    outage: Outage | None = None,
    restore: dict[str, Any] | str | bytes | None = None,
    telemetry: LineTelemetry | None = None,
    name: str = "",
) -> Line:
    """A line to a server of the OpenAI Realtime protocol; dials when it is entered.

    Where and as whom: as `config_of`. With `ephemeral`, the key itself is never shown to the WebSocket: one that lives
    so many seconds is minted with it, and again when that ends. `observers` get every fact as it happens. `seed`
    repeats the backoff's dice. `outage` says what becomes of an outage's audio: `Outage.replay()` (the default),
    `Outage.latest(ms)` or `Outage.drop()`. `restore` is a snapshot of a line, here or elsewhere: its conversation goes
    on, and `session` changes its settings. `telemetry` shows or records the line: `trunkline.Publisher()`,
    `trunkline.Recorder(path)`; `name` is what people see. Raises ConfigError for settings that cannot work.
    """
    api_key = seal(api_key)
    snapshot = None if restore is None else Snapshot.read(restore)
    config = config_of(
        model=model,
        api_key=api_key,
        base_url=base_url,
        endpoint=endpoint,
        key_form=key_form,
        organization=organization,
        project=project,
        safety_identifier=safety_identifier,
        call_id=call_id,
        name=name,
        policy=policy_of(session, policy, outage, snapshot),
    )
    transport = transport or WebSocketTransport()
    return Line(
        config if ephemeral is None else minting(config, ephemeral, transport),
        transport=transport,
        observers=tuple(observers),
        budget=budget or process_budget(),
        seed=seed,
        snapshot=snapshot,
        telemetry=telemetry,
    )


class Line:
    """A voice session that outlives its links.

    Enter it, send audio as it is captured, and iterate over its events. Drops are handled inside: the iteration goes
    on over them, and tells them as `LineDropped`, `LineLive` and, if audio was lost, `LineGap`. All methods belong
    to the event loop that entered the line.
    """

    _core = Connection

    def __init__(
        self,
        config: LineConfig,
        *,
        transport: Transport,
        observers: tuple[Observer, ...] = (),
        budget: RetryBudget | None = None,
        seed: int | None = None,
        snapshot: Snapshot | None = None,
        clocks: Clocks | None = None,
        telemetry: LineTelemetry | None = None,
    ) -> None:
        self.config, self._telemetry, self._transport = config, telemetry, transport
        self._clocks = clocks or Clocks()
        self._rotations, self._observers = Rotations(), observers
        self._connection = self._core(
            config.policy,
            budget=budget,
            renewable=KeySource.of(config.credential).is_renewable,
            snapshot=snapshot,
        )
        self._draw = draw if seed is None else random.Random(seed).random  # noqa: S311 - jitter, no secret
        self._is_measured = False
        self._driver: Driver | None = None
        self._inbox = Inbox()

    async def __aenter__(self) -> Self:
        """Dials, and returns when the line is live. Raises LineFailed if it cannot become so."""
        if self._driver is not None:
            raise LocalError("entering the line again", self.state.value)
        loop = asyncio.get_running_loop()
        self._driver = Driver(
            self._connection,
            config=self.config,
            transport=self._transport,
            inbox=self._inbox,
            observers=Observers(
                observers_with(self._telemetry, self._observers, self, loop),
                seldom=self._rotations.observe,
            ),
            draw=self._draw,
            clocks=self._clocks,
        )
        self._driver.measure(on=self._is_measured)
        self._connection.start(self._driver.now())
        self._driver.pump()
        try:
            await asyncio.shield(self._driver.settled)
        except BaseException:
            await self.aclose()
            raise
        if self._connection.failure is not None:
            await self._driver.join()
            self._raise_failure()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Says goodbye and ends, within a second; a second call does nothing. Cancelled, it ends without a goodbye."""
        if self._driver is None:
            return
        self._connection.close(self._driver.now())
        self._driver.pump()
        await self._driver.join()

    # What goes to the server.

    def send_audio(self, samples: Samples) -> None:
        """The user's audio as it is captured; returns at once.

        Bytes of little-endian int16, or a one-dimensional array of int16 or of float32 in [-1, 1] (clipped),
        mono, at the session's rate. During an outage it is kept and sent afterwards. Raises CodecError for
        anything else, LocalError after the end, OutboxFull if far more is offered than the link takes.
        """
        driver = self._driver or self._entered()
        if not driver.send_chunk(samples) and (pcm := codec.to_pcm(samples)):
            driver.send_audio(pcm)

    def send(self, event: dict[str, Any]) -> str:
        """Any other request of the protocol; gives its `event_id`, by which a `Refusal` names it.

        During an outage its meaning is kept and told to the next session. Raises LocalError for what has
        no meaning without a session, ConfigError for settings of a wrong shape.
        """
        driver = self._entered()
        if event.get("type") == "session.update" and "session" in event:
            policy = self.config.policy
            check_session(
                event["session"], rate_hz=policy.rate_hz, dialect=policy.dialect, law=policy.law
            )
        event_id = self._connection.send(event, driver.now())
        driver.pump()
        return event_id

    def played(self, item_id: str, samples: int) -> None:
        """How many samples of an assistant's item were played, in all.

        Tell it as playing goes on: only then can an interrupted answer be cut to what was heard.
        """
        driver = self._entered()
        self._connection.played(item_id, samples, driver.now())
        driver.pump()

    def playout(
        self,
        buffered_ms: float,
        underruns: int,
        *,
        target_ms: float | None = None,
        underrun_ms: float = 0.0,
    ) -> None:
        """How your playout stands, for the observers.

        `underruns` counts how often it ran dry in the middle of an answer, `underrun_ms` is the silence that was
        played for it, both since the line began; `target_ms` is what it likes to have buffered, if it has such an aim.
        """
        driver = self._entered()
        self._connection.devices.sampled(
            buffered_ms,
            underruns,
            target_ms=target_ms,
            underrun_ms=underrun_ms,
            now=driver.now(),
        )
        driver.pump()

    def capture_overrun(self, lost_ms: float) -> None:
        """Your microphone lost so much audio before you could give it; for the observers, it is in no books."""
        driver = self._entered()
        self._connection.devices.overran(lost_ms, driver.now())
        driver.pump()

    def mute(self, on: bool = True) -> None:
        """Sends silence in place of the audio that is given from here on, until `mute(False)`.

        It is as long, so the books and the server's detection of speech go on as ever; what somebody says meanwhile
        is in no memory of the line.
        """
        driver = self._entered()
        self._connection.devices.mute(on=on, now=driver.now())
        driver.pump()

    def measure(self, on: bool = True) -> None:
        """Tells the observers also what costs something to know, or no longer: levels, lateness, the loop's lag.

        Possible before the line is entered. An eighth more for each chunk, some microseconds.
        """
        self._is_measured = on
        if self._driver is not None:
            self._driver.measure(on=on)

    # What an operator wishes.

    def reconnect(self) -> None:
        """Leaves the link as if it had broken and comes back on a new one, at once; while waiting, dials now.

        The conversation is restored as after any drop. Raises LocalError if the line has not begun, drains, or ends.
        """
        driver = self._entered()
        self._connection.reconnect(driver.now())
        driver.pump()

    def drain(self, *, within: float | None = None) -> Future[None]:
        """Lets the answer that is being given end, and closes then; begins at once, and may be awaited.

        What was asked for before is answered and, if you tell what is `played`, played. Nothing new is begun: audio
        that you give is kept and not sent, a `response.create` waits, and a `snapshot` has both. Where waiting makes
        no sense (no link, a model that stalls, `within` seconds are over) the line is closed at once.
        """
        driver = self._entered()
        self._connection.drain(driver.now(), within)
        driver.pump()
        return driver.end()

    def rotate(self, *, within: float | None = None) -> Future[Rotated]:
        """Changes to a new link and session without a break; begins at once, and may be awaited.

        The switch waits for a moment that disturbs nobody, for three minutes at most, or for `within` seconds: then
        any moment will do once the second link is ready, and an answer that is being given breaks off and is given
        anew. Awaiting gives the fact of the switch, or raises RotationAbandoned if there was none; the line then
        goes on as it is. Raises LocalError unless the line is live. A rotation that has already begun is joined.
        """
        driver = self._entered()
        self._connection.rotate(driver.now(), within)
        done = self._rotations.wait()
        driver.pump()
        return done

    def snapshot(self, *, audio: bool = True) -> dict[str, Any]:
        """The conversation as a JSON document, for `connect(restore=…)` in another process or on another host.

        Best taken after `aclose()`, which it survives: then nothing is heard here any more. It holds no key; it does
        hold what was said, so keep it as you would keep a recording. Without `audio` it is small, and the audio
        that no item holds yet is announced as a gap over there. docs/snapshot.md describes it.
        """
        return self._connection.snapshot(with_audio=audio)

    # What comes from it.

    def __aiter__(self) -> AsyncIterator[Event]:
        """The events in order, until the line is closed. Raises LineFailed if it ends otherwise."""
        self._entered()
        return self

    async def __anext__(self) -> Event:
        """The next event. Cancelled, it loses none, and the iteration can go on."""
        self._entered()
        event = await self._inbox.get()
        if event is None:
            self._raise_failure()
            raise StopAsyncIteration
        if type(event) is Interrupted:
            self._interrupted(event)
        return event

    async def listen(self, take: Callable[[Event], None]) -> None:
        """Gives each event to `take` as it comes, in place of an iteration, until the line is closed.

        For who has hundreds of lines: no task is woken for it. `take` must be quick, and may call the line. Raises what
        the iteration does, LocalError if somebody listens, and what `take` raises: that ends it, what comes then waits.
        """
        self._entered()
        await self._inbox.listen(partial(self._listened, take), audio=take)
        self._raise_failure()

    def _raise_failure(self) -> None:
        if self._connection.failure is not None:
            raise self._connection.failure

    def _listened(self, take: Callable[[Event], None], event: Event) -> None:
        if type(event) is Interrupted:
            self._interrupted(event)
        take(event)

    def _interrupted(self, event: Interrupted) -> None:
        """From here on the application can know it; how long it plays on is not seen from here."""
        driver = self._entered()
        self._connection.devices.stopped(event.item_id, driver.now())
        driver.pump()

    # How it stands.

    @property
    def state(self) -> State:
        """Where the line stands."""
        return self._connection.state

    @property
    def epoch(self) -> int:
        """Number of the current link; 0 before the first."""
        return self._connection.epoch

    @property
    def is_muted(self) -> bool:
        """Whether silence is sent in place of what is given."""
        return self._connection.devices.is_muted

    def books(self) -> Books:
        """Where all accepted audio is at this moment, in samples."""
        return self._connection.books()

    def usage(self) -> Usage:
        """The tokens of all responses so far, as the server counts them."""
        return self._connection.usage()

    def _entered(self) -> Driver:
        if self._driver is None:
            raise LocalError("using the line", "it is not entered (async with)")
        return self._driver
