"""What an accepted dial gets: an engine, its record, and what stands between it and the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.simulator.beta import BetaDialect
from trunkline.simulator.dialect import AzureDialect, Dialect
from trunkline.simulator.engine import Engine
from trunkline.simulator.history import SessionHistory
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.intake import Tally
from trunkline.simulator.parts import Parts
from trunkline.simulator.prompted import Prompted
from trunkline.simulator.translation import TranslationEngine
from trunkline.simulator.xai import Resumptions, XaiDialect

if TYPE_CHECKING:
    from trunkline.simulator.admission import Admitted
    from trunkline.simulator.clock import Clock
    from trunkline.simulator.framing import Framing
    from trunkline.simulator.history import DialRecord
    from trunkline.simulator.intake import Intake
    from trunkline.simulator.profiles import Profile
    from trunkline.simulator.timing import Timing
    from trunkline.simulator.voice import Voice

__all__ = ["Assembly"]


class Assembly:
    """Puts the parts of a server's connections together."""

    def __init__(
        self,
        *,
        profile: Profile,
        voice: Voice,
        timing: Timing,
        seed: int,
        clock: Clock,
        token_limit: int | None = None,
        audio_limit_bytes: int,
    ) -> None:
        self._profile = profile
        self._voice = voice
        self._timing = timing
        self._seed = seed
        self._clock = clock
        self._token_limit = token_limit
        self._audio_limit_bytes = audio_limit_bytes
        self._tally = Tally()
        self.resumptions = Resumptions()
        """The conversations that outlive their connections, where the server keeps any."""
        self.sessions: list[SessionHistory] = []
        """The record of each session, oldest first."""

    def parts(self, dial: DialRecord, admitted: Admitted, framing: Framing) -> Parts:
        """The parts of the next session; its record begins."""
        epoch = dial.epoch = len(self.sessions) + 1
        prompted = Prompted(self._voice)
        engine = self._engine(admitted, prompted, epoch)
        self.sessions.append(engine.history)
        # Apart from the engine's own, so that a fault does not change what the engine draws.
        chance = Chance(~(self._seed + epoch))
        identity = Identity(chance)
        return Parts(
            engine=engine,
            prompted=prompted,
            framing=framing,
            dialect=self._dialect(engine, identity, admitted.conversation_id),
            identity=identity,
            chance=chance,
            dial=dial.number,
        )

    def _engine(self, admitted: Admitted, voice: Voice, epoch: int) -> Intake:
        history = SessionHistory(
            epoch=epoch,
            opened_at=self._clock.now(),
            key=admitted.key,
            audio_limit_bytes=self._audio_limit_bytes,
        )
        settings: dict[str, Any] = {
            "model": admitted.model,
            "voice": voice,
            "seed": self._seed + epoch,
            "wall": self._clock.wall(),
            "timing": self._timing,
            "session": admitted.session,
            "history": history,
            "tally": self._tally,
        }
        if admitted.kind == "translation":
            return TranslationEngine(**settings)
        return Engine(
            **settings,
            kind=admitted.kind,
            token_limit=self._token_limit,
            takes_any_transcriber=self._profile.takes_any_model,
        )

    def _dialect(
        self, engine: Intake, identity: Identity, conversation_id: str | None
    ) -> Dialect | None:
        match self._profile.dialect:
            case "beta":
                return BetaDialect(identity)
            case "azure":
                return AzureDialect()
            case "xai":
                items = self.resumptions.find(conversation_id or "", self._clock.now())
                if isinstance(engine, Engine):
                    engine.adopt(items)
                return XaiDialect(identity, conversation_id=conversation_id, resumed=items)
        return None
