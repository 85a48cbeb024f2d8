"""What a claim comes to on an engine, and what each outcome asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """In the order of gravity: of several outcomes, the last counts. The value says what to do."""

    HOLDS = "nothing"
    MISSING = "record it: ./nox -s record -- -k {claim} --engine {engine}"
    DRIFTED = "look at the difference, then record it: ./nox -s record -- -k {claim} --engine {engine}"
    VACUOUS = "sharpen the assertion: it must fail in the world in which the sentence is false, and pass in the other"
    BROKEN = "change the sentence, or say since which engine it is so"
    UNRUNNABLE = "mend the lab; this says nothing of the claim"

    def __str__(self) -> str:
        return self.name.lower()

    @property
    def gravity(self) -> int:
        return list(Verdict).index(self)


@dataclass(frozen=True)
class Outcome:
    """A verdict on a claim on an engine, in one world, and what led to it."""

    claim: str
    engine: str
    world: str
    verdict: Verdict
    detail: str = ""

    def __str__(self) -> str:
        todo = self.verdict.value.format(claim=self.claim, engine=self.engine)
        return (
            f"{self.claim} on {self.engine}, in the world {self.world!r}: {self.verdict}\n{self.detail}\nTo do: {todo}."
        )


def worst(outcomes: Iterable[Outcome]) -> dict[tuple[str, str], Verdict]:
    """The gravest verdict of each claim on each engine."""
    gravest: dict[tuple[str, str], Verdict] = {}
    for outcome in outcomes:
        key = (outcome.claim, outcome.engine)
        gravest[key] = max(gravest.get(key, Verdict.HOLDS), outcome.verdict, key=lambda verdict: verdict.gravity)
    return gravest


def to_be_recorded(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
    """The claims and engines of which something else was seen than the evidence has, and which hold all the same."""
    refused = {(o.claim, o.engine) for o in outcomes if o.verdict in (Verdict.BROKEN, Verdict.VACUOUS)}
    changed = {(o.claim, o.engine) for o in outcomes if o.verdict in (Verdict.DRIFTED, Verdict.MISSING)}
    return sorted(changed - refused)


EXIT_HOLDS, EXIT_FAILS, EXIT_UNRUNNABLE = 0, 1, 10
"""Every claim holds; some claim does not; the lab failed, so that some claims have no verdict."""
