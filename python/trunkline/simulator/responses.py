"""The responses in progress: one at a time for the default conversation, any number beside it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from trunkline.simulator.agent import Agent, Toolbox
from trunkline.simulator.formats import WireFormat
from trunkline.simulator.history import ItemRecord, ResponseRecord
from trunkline.simulator.items import Item, item_from_client
from trunkline.simulator.mcp import list_tools
from trunkline.simulator.outputs import outputs_of
from trunkline.simulator.prompt import Prompt
from trunkline.simulator.refusals import Refusal, already_active, missing_item
from trunkline.simulator.response import Plan, ResponseRun
from trunkline.simulator.session import complete_format

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trunkline.simulator.allowance import Allowance
    from trunkline.simulator.conversation import Conversation
    from trunkline.simulator.emitter import Emitter
    from trunkline.simulator.history import SessionHistory
    from trunkline.simulator.identity import Identity
    from trunkline.simulator.session import SessionConfig
    from trunkline.simulator.timing import Timing
    from trunkline.simulator.voice import Voice

__all__ = ["Responses"]


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
        allowance: Allowance,
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
        self._agent = Agent(voice)
        self._allowance = allowance
        self._prompt: Prompt | None = None
        """The latest that was read from the conversation."""
        self._failures: deque[Refusal] = deque()
        self.has_spoken = False
        """Whether assistant audio was made in this session; it locks the voice."""

    def create(self, params: Mapping[str, Any], *, turn: int, now: float) -> None:
        """Begin a response; raises a Refusal if the default conversation has one."""
        is_beside = params.get("conversation") == "none"
        if not is_beside and self._active is not None:
            raise already_active(self._active.id)
        context = self._context(params.get("input"))
        run = ResponseRun(
            self._plan(params, context, now),
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
        if run is None or run.is_cancelling:
            message = "Cancellation failed: no active response found"
            raise Refusal(message, code="response_cancel_not_active")
        self._end(run, "client_cancelled", now)

    def interrupt(self, now: float) -> None:
        """The user speaks: end the default conversation's response, if there is one."""
        if self._active is not None and not self._active.is_cancelling:
            self._end(self._active, "turn_detected", now)

    def settle_approval(self, item: Item, *, turn: int, now: float) -> None:
        """Go on by itself after the client's word on a tool, if it was asked for one."""
        request = self._conversation.get(str(item.body.get("approval_request_id")))
        if request is not None and self._active is None:
            self.create({}, turn=turn, now=now)

    def list_tools(self) -> None:
        """Tell what the servers among the tools have, where that was not told yet."""
        list_tools(
            self._config.view()["tools"],
            conversation=self._conversation,
            emitter=self._emitter,
            identity=self._identity,
        )

    def fail_next(self, failure: Refusal, count: int = 1) -> None:
        """Let the next responses end as failed, which they then do without an item."""
        self._failures.extend([failure] * count)

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
        self.has_spoken = self.has_spoken or any(output.item.pcm.get(0) for output in run.outputs)
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
        items = [output.item for output in run.outputs]
        record.item_id = items[0].id if items else None
        record.transcript = " ".join(item.text() for item in items if item.role == "assistant")
        if run.status == "in_progress":
            return
        record.status, record.reason, record.done_at = run.status, run.reason, now
        record.usage = run.view()["usage"]
        for item in items:
            self._note_item(item, now)
        if run is self._active:
            self._active = None
        else:
            self._beside.remove(run)
        self._allowance.spend(record.usage["total_tokens"], now)
        # Recorded after response.done.
        self._emitter.emit("rate_limits.updated", rate_limits=self._allowance.view())

    def _note_item(self, item: Item, now: float) -> None:
        self._history.items.append(
            ItemRecord(
                id=item.id,
                origin="generated",
                role=item.role,
                kind=str(item.body["type"]),
                text=item.text(),
                pcm=bytes(item.pcm.get(0, b"")),
                samples=None,
                at=now,
            )
        )

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
        item = item_from_client(
            value,
            item_id=value.get("id") or "",
            call_id="",
            audio_format=WireFormat.of(self._config.input_format),
        )
        item.heard = " ".join(self._voice.hear(bytes(pcm)) for pcm in item.pcm.values())
        return item

    def _plan(self, params: Mapping[str, Any], context: list[Item], now: float) -> Plan:
        output = (params.get("audio") or {}).get("output") or {}
        modality = (params.get("output_modalities") or [self._config.modality])[0]
        limit = params.get("max_output_tokens") or self._config.max_output_tokens
        response_id = self._identity.fresh("resp_")
        toolbox = self._toolbox(params)
        own = params.get("instructions")
        parts = self._agent.answer(
            context, toolbox, instructions=own or "", speed=self._config.speed
        )
        prompt = Prompt(
            instructions=own or self._config.instructions, tools=toolbox.tools, items=context
        )
        cost = prompt.cost(self._prompt)
        if params.get("input") is None:
            self._prompt = prompt
        outputs, is_cut = outputs_of(
            parts,
            identity=self._identity,
            modality=modality,
            limit=limit if isinstance(limit, int) else None,
        )
        return Plan(
            response_id=response_id,
            modality=modality,
            outputs=outputs,
            is_cut=is_cut,
            cost=cost,
            voice=output.get("voice") or self._config.voice,
            output_format=complete_format(output.get("format") or self._config.output_format),
            max_output_tokens=limit,
            metadata=params.get("metadata"),
            failure=self._failure(cost.total, now),
        )

    def _toolbox(self, params: Mapping[str, Any]) -> Toolbox:
        standing = self._config.view()
        own_tools, own_choice = params.get("tools"), params.get("tool_choice")
        return Toolbox(
            tools=standing["tools"] if own_tools is None else own_tools,
            choice=standing["tool_choice"] if own_choice is None else own_choice,
            is_own=own_choice is not None,
        )

    def _failure(self, needed: int, now: float) -> Refusal | None:
        if self._failures:
            return self._failures.popleft()
        return self._allowance.refusal(needed, self._config.model, now)
