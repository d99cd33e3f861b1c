"""The responses in progress: one at a time for the default conversation, any number beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trunkline.simulator.history import ItemRecord, ResponseRecord
from trunkline.simulator.items import Item, item_from_client
from trunkline.simulator.refusals import Refusal, already_active, missing_item
from trunkline.simulator.response import Plan, ResponseRun
from trunkline.simulator.tokens import audio_input_tokens, audio_output_tokens, text_tokens
from trunkline.simulator.voice import Reply, Utterance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trunkline.simulator.conversation import Conversation
    from trunkline.simulator.emitter import Emitter
    from trunkline.simulator.history import SessionHistory
    from trunkline.simulator.identity import Identity
    from trunkline.simulator.session import SessionConfig
    from trunkline.simulator.timing import Timing
    from trunkline.simulator.voice import Voice

__all__ = ["Responses"]

_TOKENS_PER_MINUTE = 40_000
_RESET_SECONDS = 60.0


class Responses:
    """Creates, drives and cancels responses."""

    def __init__(
        self,
        *,
        config: SessionConfig,
        conversation: Conversation,
        emitter: Emitter,
        identity: Identity,
        voice: Voice,
        timing: Timing,
        history: SessionHistory,
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._emitter = emitter
        self._identity = identity
        self._voice = voice
        self._timing = timing
        self._history = history
        self._active: ResponseRun | None = None
        self._beside: list[ResponseRun] = []
        self._tokens_left = _TOKENS_PER_MINUTE
        self.has_spoken = False
        """Whether assistant audio was made in this session; it locks the voice."""

    def create(self, params: Mapping[str, Any], *, turn: int, now: float) -> None:
        """Begin a response; raises a Refusal if the default conversation has one."""
        is_beside = params.get("conversation") == "none"
        if not is_beside and self._active is not None:
            raise already_active(self._active.id)
        context = self._context(params.get("input"))
        run = ResponseRun(
            self._plan(params, context),
            emitter=self._emitter,
            conversation=None if is_beside else self._conversation,
            timing=self._timing,
        )
        if is_beside:
            self._beside.append(run)
        else:
            self._active = run
        self._history.responses.append(ResponseRecord(id=run.id, turn=turn, at=now))
        run.start(now)

    def cancel(self, response_id: str | None, *, now: float) -> None:
        """End a response for the client; raises a Refusal if there is none to end."""
        run = self._active if response_id is None else self._find(response_id)
        if run is None:
            message = "Cancellation failed: no active response found"
            raise Refusal(message, code="response_cancel_not_active")
        self._end(run, "client_cancelled", now)

    def interrupt(self, now: float) -> None:
        """The user speaks: end the default conversation's response, if there is one."""
        if self._active is not None:
            self._end(self._active, "turn_detected", now)

    def deadline(self) -> float | None:
        """When the next step of any response is due."""
        if not self._beside:
            return None if self._active is None else self._active.deadline()
        due = [at for run in self._runs() if (at := run.deadline()) is not None]
        return min(due, default=None)

    def advance(self, now: float) -> None:
        """Take the step that is due first."""
        runs = self._runs()
        run = runs[0] if len(runs) == 1 else min(runs, key=lambda one: one.deadline() or 0.0)
        run.advance()
        self.has_spoken = self.has_spoken or bool(run.item and run.item.pcm.get(0))
        self._settle(run, now)

    def _runs(self) -> list[ResponseRun]:
        return [self._active, *self._beside] if self._active else self._beside

    def _find(self, response_id: str) -> ResponseRun | None:
        return next((run for run in self._runs() if run.id == response_id), None)

    def _end(self, run: ResponseRun, reason: str, now: float) -> None:
        run.cancel(reason, now)
        self._settle(run, now)

    def _settle(self, run: ResponseRun, now: float) -> None:
        """Bring the books up to date; take leave of a run that is done."""
        record = self._history.response(run.id)
        assert record is not None
        record.item_id = run.item.id if run.item else None
        record.transcript = run.item.text() if run.item else ""
        if run.status == "in_progress":
            return
        record.status, record.reason, record.done_at = run.status, run.reason, now
        self._note_item(run, now)
        if run is self._active:
            self._active = None
        else:
            self._beside.remove(run)
        self._emit_rate_limits(run.view()["usage"]["total_tokens"])

    def _note_item(self, run: ResponseRun, now: float) -> None:
        if run.item is None:
            return
        self._history.items.append(
            ItemRecord(
                id=run.item.id,
                origin="generated",
                role=run.item.role,
                kind="message",
                text=run.item.text(),
                pcm=run.item.pcm.get(0, b""),
                samples=None,
                at=now,
            )
        )

    def _emit_rate_limits(self, spent: int) -> None:
        # Recorded after response.done, tokens only. The allowance refills with the next minute;
        # here, when used up.
        self._tokens_left -= spent
        if self._tokens_left < 0:
            self._tokens_left = _TOKENS_PER_MINUTE
        limit = {
            "name": "tokens",
            "limit": _TOKENS_PER_MINUTE,
            "remaining": self._tokens_left,
            "reset_seconds": round(
                _RESET_SECONDS * (1 - self._tokens_left / _TOKENS_PER_MINUTE), 3
            ),
        }
        self._emitter.emit("rate_limits.updated", rate_limits=[limit])

    def _context(self, given: list[dict[str, Any]] | None) -> list[Item]:
        if given is None:
            return list(self._conversation)
        return [self._input_item(value) for value in given]

    def _input_item(self, value: dict[str, Any]) -> Item:
        if value["type"] == "item_reference":
            found = self._conversation.get(value["id"])
            if found is None:
                code = "response_input_invalid_item_id"
                raise missing_item("referencing", value["id"], code=code, param="response.input")
            return found
        item = item_from_client(value, item_id=value.get("id") or "", call_id="")
        item.heard = " ".join(self._voice.hear(pcm) for pcm in item.pcm.values())
        return item

    def _plan(self, params: Mapping[str, Any], context: list[Item]) -> Plan:
        modality = params.get("output_modalities", [self._config.modality])[0]
        output = params.get("audio", {}).get("output", {})
        instructions = params.get("instructions") or self._config.instructions
        reply = self._voice.reply([_utterance(item) for item in context])
        return Plan(
            response_id=self._identity.fresh("resp_"),
            item_id=self._identity.fresh("item_"),
            modality=modality,
            reply=_at_speed(reply, self._config.speed),
            text_in=text_tokens(instructions) + sum(map(_text_cost, context)),
            audio_in=sum(map(_audio_cost, context)),
            voice=output.get("voice", self._config.voice),
            output_format=self._config.output_format,
            max_output_tokens=params.get("max_output_tokens") or self._config.max_output_tokens,
            metadata=params.get("metadata"),
        )


def _utterance(item: Item) -> Utterance:
    role = item.role or "tool"
    return Utterance(
        role=role, text=item.text(), pcm=item.pcm.get(0, b"") if role == "user" else b""
    )


def _text_cost(item: Item) -> int:
    return 0 if item.pcm else text_tokens(item.text())


def _audio_cost(item: Item) -> int:
    cost = audio_output_tokens if item.role == "assistant" else audio_input_tokens
    return cost(item.audio_samples())


def _at_speed(reply: Reply, speed: float) -> Reply:
    """The reply at another tempo. The pitch follows, which no client can object to."""
    if speed == 1.0:
        return reply
    samples = np.frombuffer(reply.pcm, dtype="<i2").astype(np.float64)
    places = np.arange(0, samples.size, speed)
    pcm = np.interp(places, np.arange(samples.size), samples).astype("<i2").tobytes()
    return Reply(text=reply.text, pcm=pcm)
