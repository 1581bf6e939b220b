"""What a run is to do: a plan, and what each of its steps says, which hangs only on its mail."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from regions_dist.domain.branch import Opening
from regions_dist.domain.message import Message, StepId
from regions_dist.domain.plan import OutsideMessage, Plan, PostmasterPolicy, RegionEntry
from regions_dist.domain.schedule import schedule
from regions_dist.transport import codec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.domain.plan import Undeliverable
    from regions_dist.domain.schedule import Place, Step

__all__ = ["DESTINATIONS", "REGIONS", "Effects", "Play", "digest", "flat", "plays"]

_Layer = tuple[dict[str, tuple[str, ...]], tuple[tuple[str, str], ...]]
REGIONS: Final = ("A", "B", "C")
DESTINATIONS: Final = (*REGIONS, "Nobody", "terminal")
_LAYERS: Final[tuple[_Layer, ...]] = (
    ({"one": ("A", "B"), "two": ("C",)}, (("A", "say"), ("A", "hear"), ("B", "say"), ("C", "say"))),
    ({"one": ("C",), "two": ("B",)}, (("B", "say"), ("C", "say"))),
    ({"one": ("A",)}, (("A", "say"),)),
)
"""Chains of a layer, and what its regions do."""
_ORDER: Final = (0, 1, 0, 2)
"""The first layer has two turns."""

Effects = tuple[str, list[Message]]
"""New state, messages posted."""


@dataclass(frozen=True, repr=False)
class Play:
    """``says`` maps a step's id onto whom it writes to; ``mail`` was there before the first layer.

    ``seconds`` is the time the run has.
    """

    plan: Plan
    says: Mapping[str, tuple[str, ...]]
    mail: tuple[OutsideMessage, ...] = ()
    stepping: bool = False
    seconds: float | None = None

    def __repr__(self) -> str:
        """What differs from play to play."""
        rules = self.plan.postmaster.model_dump(exclude_defaults=True)
        says = {step: to for step, to in self.says.items() if to}
        mail = [message.destination for message in self.mail]
        return f"<Play {rules} {says=} {mail=} stepping={self.stepping} seconds={self.seconds}>"

    def _repr_pretty_(self, printer: Any, _: object) -> None:
        printer.text(repr(self))

    @property
    def places(self) -> tuple[Place, ...]:
        """The plan unrolled."""
        return schedule(self.plan)

    @property
    def steps(self) -> dict[str, Step]:
        """All steps by id, in the plan's order."""
        chains = (chain for place in self.places for chain in place.chains)
        return {str(step.id): step for chain in chains for step in chain.steps}

    def opening(self) -> list[str]:
        """What ``open.lua`` takes."""
        opening = Opening(stepping=self.stepping, timeout=self.seconds)
        return codec.opening_arguments(self.plan, self.places, self.mail, opening)

    def effects(self, step: str, state: str, mail: Sequence[Message]) -> Effects:
        """What the step does with this state and mail: all of it stands in what it says."""
        read = digest(state, *(f"{m.id} {m.source} {m.role} {m.content}" for m in mail))
        parent, hops = (mail[0].id, mail[0].hops + 1) if mail else ("", 0)
        posted = [
            Message(
                source=self.steps[step].region,
                destination=destination,
                role="reply" if ordinal % 2 else "request",
                content=f"{step} read {read}",
                id=StepId.parse(step).message_id(ordinal),
                parent=parent,
                hops=hops,
            )
            for ordinal, destination in enumerate(self.says[step])
        ]
        return read, posted


def digest(*texts: str) -> str:
    """A short name for some texts."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]


def flat(message: Message) -> tuple[str, ...]:
    """A posted message as ``commit.lua`` takes it; replies are put away, as large ones are."""
    body = digest(message.content) if message.role == "reply" else ""
    return (*codec.flat(message)[:-1], body)


def _policies(undeliverable: Undeliverable) -> st.SearchStrategy[PostmasterPolicy]:
    return st.builds(
        PostmasterPolicy,
        undeliverable=st.just(undeliverable),
        retries=st.sampled_from([3, 1, 0]),
        rts_source=st.sampled_from([None, "office"]),
        rts_prepend=st.sampled_from([None, "came back: "]),
        reroute_destination=st.sampled_from(["B", "terminal", "Nowhere", None]),
        max_hops=st.sampled_from([64, 1, 2]),
        inbox_limit=st.sampled_from([10_000, 10_000, 3]),
        inbox_bytes=st.sampled_from([10**6, 10**6, 100]),
    )


def _plan(policy: PostmasterPolicy) -> Plan:
    return Plan(
        regions=tuple(RegionEntry(name=name, type="Region") for name in REGIONS),
        layer_config=tuple(chains for chains, _ in _LAYERS),
        execution_config=tuple(methods for _, methods in _LAYERS),
        execution_order=_ORDER,
        postmaster=policy,
    )


def _outside(destination: str, number: int) -> OutsideMessage:
    return OutsideMessage(source="user", destination=destination, content=f"opening {number}")


_some = st.lists(st.sampled_from([*DESTINATIONS, "Nobody"]), max_size=3).map(tuple)

_opening = st.sampled_from([(), ("A",), ("Nobody", "B"), ("C", "Nobody", "A"), ("Nobody",)])


@st.composite
def plays(draw: st.DrawFn, undeliverable: Undeliverable) -> Play:
    """Plays of one shape: its rules, whom its steps write to, and how it is opened differ."""
    plan = _plan(draw(_policies(undeliverable)))
    steps = Play(plan, {}).steps
    says = dict(zip(steps, draw(st.tuples(*[_some] * len(steps))), strict=True))
    mail = tuple(_outside(to, number) for number, to in enumerate(draw(_opening)))
    return Play(plan, says, mail, draw(_stepping), draw(_times))


_stepping = st.sampled_from([False, False, False, True])
_times = st.sampled_from([None, None, None, 60.0])
