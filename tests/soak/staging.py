"""A stage set by hand: one line on it, no chance, and what it was accused of."""

from __future__ import annotations

from trunkline.soak.stage import Segment, Stage


class Quiet(Stage):
    """Nothing goes wrong by itself and the application says nothing."""

    def __init__(self, number: int = 0, profile: str = "swarm") -> None:
        super().__init__(Segment(seed=3, number=number, profile=profile, seconds=600.0))
        self._pick_up()

    def go(self, seconds: float) -> Quiet:
        self.agenda.run_until(self.agenda.now + seconds)
        return self

    @property
    def laws(self) -> list[str]:
        return [violation.law for violation in self.outcome.violations]
