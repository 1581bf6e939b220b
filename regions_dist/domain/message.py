"""A message, and its place in a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypedDict, TypeGuard, get_args

from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_BYTES", "OUTSIDE", "ROLES", "Message", "MessageDict", "Role", "StepId", "role_of"]

Role = Literal["request", "reply"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

MAX_BYTES: Final = 8 * 2**20
"""The largest content of a message, in bytes of UTF-8."""

OUTSIDE: Final = 0
"""The chain number of mail that no chain of the plan posted; the plan's chains count from 1."""


def role_of(text: str) -> Role:
    """The role named ``text``. Raises BadInput for anything but ``request`` and ``reply``."""
    if not _is_role(text):
        raise BadInput(f"unknown role {text!r}: expected one of {', '.join(ROLES)}", where="role")
    return text


def _is_role(text: str) -> TypeGuard[Role]:
    return text in ROLES


class StepId(NamedTuple):
    """One region method of one run: place in execution order, chain (from 1), step in the chain.

    A layer may run twice, so the place is counted along the execution order, not by layer.
    Written ``0002-001-000``, so that text order is the order of the plan.
    """

    place: int
    chain: int
    step: int

    def __str__(self) -> str:
        return f"{self.place:04d}-{self.chain:03d}-{self.step:03d}"

    @classmethod
    def parse(cls, text: str) -> StepId:
        """The step written as ``text``. Raises ValueError for any other form."""
        place, chain, step = text.split("-")
        return cls(int(place), int(chain), int(step))

    def message_id(self, ordinal: int) -> str:
        """The id of the ``ordinal``-th message that this step posts."""
        return f"{self}-{ordinal:06d}"


class MessageDict(TypedDict):
    """A message as it is put into an inbox, or got out of an outbox, by hand."""

    source: str
    destination: str
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Message:
    """What one region, or a user, tells another.

    ``id`` is the message's position in its run (``place-chain-step-ordinal``), unique in the run
    and the same on every run of the plan; "" until it is posted. ``parent`` is the id of the
    message this one answers, forwards, returns or reroutes, or "". ``hops`` counts how often its
    content was forwarded.
    """

    source: str
    destination: str
    role: Role
    content: str
    id: str = ""
    parent: str = ""
    hops: int = 0

    def __post_init__(self) -> None:
        role_of(self.role)

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> Message:
        """The message of a dict with source, destination, role and content, all of them texts.

        Further keys are left out. Raises BadInput, which names the key that is missing or wrong.
        """
        texts = {key: fields.get(key) for key in MessageDict.__annotations__}
        for key, text in texts.items():
            if not isinstance(text, str):
                found = repr(text) if key in fields else "nothing"
                raise BadInput(f"a message's {key}: found {found}, expected a text", where=key)
        return cls(**texts)  # type: ignore[arg-type]

    def as_dict(self) -> MessageDict:
        """The message as a dict of source, destination, role and content."""
        return MessageDict(
            source=self.source, destination=self.destination, role=self.role, content=self.content
        )
