"""One response on its way out: the ladder of events in the recorded order.

response.created → the ladders of its items → response.done. A call comes beside the message before
it, their deltas mixed and their `.done`s together at the end; a message, or a call after a call,
waits for what is before it. A cancelled one leaves the ladder at the rung it stands on: what is open
gets its `.done`, the item is incomplete.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.simulator.formats import WireFormat
from trunkline.simulator.message import MessageOutput
from trunkline.simulator.output import Outlet, Step
from trunkline.simulator.tokens import Cost, usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.simulator.conversation import Conversation
    from trunkline.simulator.emitter import Emitter
    from trunkline.simulator.output import Output
    from trunkline.simulator.refusals import Refusal
    from trunkline.simulator.timing import Timing

__all__ = ["Plan", "ResponseRun"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a response is to be; decided when it is created."""

    response_id: str
    modality: str
    """`audio` or `text`."""
    outputs: tuple[Output, ...]
    """Its items."""
    is_cut: bool = False
    """Whether the token limit ends it before its end."""
    cost: Cost
    """Of what it reads."""
    voice: Any
    output_format: dict[str, Any]
    max_output_tokens: int | str
    metadata: dict[str, str] | None
    failure: Refusal | None = None
    """Why it fails instead of answering."""


class ResponseRun:
    """A response in progress. It is driven by `deadline` and `advance`, ended early by `cancel`."""

    def __init__(
        self, plan: Plan, *, emitter: Emitter, conversation: Conversation | None, timing: Timing
    ) -> None:
        self.plan = plan
        self.status = "in_progress"
        self.reason: str | None = None
        self.is_cancelling = False
        """Whether it was told to end and has not yet."""
        self._emitter = emitter
        self._conversation = conversation
        self._timing = timing
        self._steps: deque[Step] = deque()
        outlet = Outlet(
            response_id=self.id,
            emitter=emitter,
            conversation=conversation,
            audio_format=WireFormat.of(plan.output_format),
        )
        for index, output in enumerate(plan.outputs):
            output.place(outlet, index)

    @property
    def id(self) -> str:
        """The response's id."""
        return self.plan.response_id

    @property
    def outputs(self) -> list[Output]:
        """The items that were begun, in their order."""
        return [output for output in self.plan.outputs if output.is_open]

    def start(self, now: float) -> None:
        """Emit response.created and lay out the rest in time."""
        begin = now + self._timing.response_delay
        if self.plan.failure is None:
            self._lay_out(begin)
        else:
            self._steps.append(Step(begin, partial(self._finish, "failed", None)))
        self._emitter.emit("response.created", response=self.view())

    def deadline(self) -> float | None:
        """When the next step is due; None once it is done."""
        return self._steps[0].at if self._steps else None

    def advance(self) -> None:
        """Take the next step."""
        self._steps.popleft().take()

    def cancel(self, reason: str, now: float) -> None:
        """End it; `reason` is `turn_detected` or `client_cancelled`."""
        until = now + self._timing.leak_ms / 1000 / self._timing.pace
        while self.outputs and self._steps[0].is_delta and self._steps[0].at <= until:
            self.advance()
        if not self._timing.cancel_delay:
            self._finish("cancelled", reason)
            return
        self.is_cancelling = True
        end = now + self._timing.cancel_delay
        self._steps = deque(step for step in self._leaking() if step.at <= end)
        self._steps.append(Step(end, partial(self._finish, "cancelled", reason)))

    def view(self) -> dict[str, Any]:
        """The response object as it stands."""
        plan = self.plan
        shown = self.outputs if self.status != "in_progress" else []
        return {
            "object": "realtime.response",
            "id": plan.response_id,
            "status": self.status,
            "status_details": self._details(),
            "output": [output.item.view() for output in shown],
            "conversation_id": None if self._conversation is None else self._conversation.id,
            "output_modalities": [plan.modality],
            "max_output_tokens": plan.max_output_tokens,
            "audio": {"output": {"format": plan.output_format, "voice": plan.voice}},
            "usage": self._usage(),
            "metadata": plan.metadata,
        }

    def _lay_out(self, begin: float) -> None:
        for group in _groups(self.plan.outputs):
            steps: list[Step] = []
            end = begin
            for output in group:
                deltas, over = output.schedule(begin, self._timing)
                steps += [Step(begin, output.open), *deltas]
                end = max(end, over)
            # Stable: each item is opened before its deltas.
            steps.sort(key=lambda step: step.at)
            closing = (partial(out.close, is_complete=not out.is_cut) for out in group)
            self._steps += [*steps, *(Step(end, close) for close in closing)]
            begin = end
        if self.plan.is_cut:
            finish = partial(self._finish, "incomplete", "max_output_tokens")
        else:
            finish = partial(self._finish, "completed", None)
        self._steps.append(Step(begin, finish))

    def _leaking(self) -> Iterator[Step]:
        """The deltas of what is open already."""
        for step in self._steps:
            if not step.is_delta:
                return
            yield step

    def _finish(self, status: str, reason: str | None) -> None:
        self._steps.clear()
        self.status, self.reason = status, reason
        for output in self.outputs:
            if not output.is_closed:
                output.close(is_complete=False)
        self._emitter.emit("response.done", response=self.view())

    def _details(self) -> dict[str, Any] | None:
        failure = self.plan.failure
        if self.status == "failed" and failure is not None:
            error = {"type": failure.kind, "code": failure.code, "message": failure.message}
            return {"type": "failed", "error": error}
        return None if self.reason is None else {"type": self.status, "reason": self.reason}

    def _usage(self) -> dict[str, Any] | None:
        if self.status == "in_progress":
            return None
        if not self.outputs:
            return usage(Cost(), text_out=0, audio_out=0)
        return usage(
            self.plan.cost,
            text_out=sum(output.text_tokens() for output in self.outputs),
            audio_out=sum(output.audio_tokens() for output in self.outputs),
        )


def _groups(outputs: tuple[Output, ...]) -> Iterator[list[Output]]:
    """What comes at the same time: a message and the calls after it; any other item is alone."""
    group: list[Output] = []
    for output in outputs:
        if group and (isinstance(output, MessageOutput) or not isinstance(group[0], MessageOutput)):
            yield group
            group = []
        group.append(output)
    if group:
        yield group
