"""The rules for mail, and the mail from outside that waits for a run."""

from __future__ import annotations

import sys
import threading
from collections import Counter, deque
from typing import TYPE_CHECKING

from pydantic import ValidationError

from regions_dist.domain.message import MAX_BYTES, role_of
from regions_dist.domain.plan import OutsideMessage, PostmasterPolicy
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from regions_dist.domain.plan import Undeliverable
    from regions_dist.library.entry import RegionEntry

__all__ = ["Postmaster"]


class Postmaster:
    """Delivers by these rules, and holds mail from outside until an Executor takes it up.

    ``undeliverable`` says what becomes of mail for nobody: ``drop`` it, ``retry`` it ``retries``
    times, ``reroute`` it to ``reroute_destination``, ``return`` it to its sender (from
    ``rts_source``, behind ``rts_prepend``), or let it fail the run (``error``). ``cc`` names the
    listeners that get a copy of what is delivered; None means that all do. Mail to
    ``print_address`` is printed as ``source: content`` by ``printer``. A message that was sent on
    more than ``max_hops`` times is a dead letter; an inbox holds ``inbox_limit`` messages and
    ``inbox_bytes`` at most. Raises BadInput for rules that cannot be.
    """

    def __init__(  # noqa: PLR0913  what a plan's postmaster section holds
        self,
        registry: Mapping[str, RegionEntry],
        undeliverable: Undeliverable = "drop",
        *,
        retries: int = 3,
        rts_source: str | None = None,
        rts_prepend: str | None = None,
        reroute_destination: str | None = None,
        cc: str | Iterable[str] | None = None,
        print_address: str = "terminal",
        max_hops: int = 64,
        inbox_limit: int = 10_000,
        inbox_bytes: int = 64 * 2**20,
        printer: Callable[[str], object] | None = None,
    ) -> None:
        self.registry = registry
        given = {
            "undeliverable": undeliverable,
            "retries": retries,
            "rts_source": rts_source,
            "rts_prepend": rts_prepend,
            "reroute_destination": reroute_destination,
            "cc": (cc,) if isinstance(cc, str) else cc,
            "print_address": print_address,
            "max_hops": max_hops,
            "inbox_limit": inbox_limit,
            "inbox_bytes": inbox_bytes,
        }
        self.rules = _checked(given)
        self.printer = printer or _to_stdout
        self.posted: Callable[[], None] = lambda: None
        """Called when mail from outside has come; set by the Executor that takes it up."""
        self._run = ""
        self._mail: deque[OutsideMessage] = deque()
        self._waiting: Counter[str] = Counter()
        self._guard = threading.Lock()

    def serve(self, run: str) -> None:
        """Be there for this run, "" for none. Raises BadInput while it is there for another."""
        if run and self._run:
            raise BadInput(f"this postmaster is there for run {self._run!r} already", where=run)
        self._run = run

    @property
    def pending(self) -> list[OutsideMessage]:
        """Mail from outside that no run has taken up yet."""
        with self._guard:
            return list(self._mail)

    def post(self, source: str, destination: str, content: str, role: str) -> None:
        """Take mail from outside, from any thread; it enters when the next layer starts.

        Raises BadInput for what is no message, is too large, or finds no room.
        """
        message = _message(source, destination, content, role)
        with self._guard:
            if self._waiting[destination] >= self.rules.inbox_limit:
                raise BadInput(
                    f"{self._waiting[destination]} messages wait for {destination!r} already, and "
                    "an inbox holds no more; run a layer first, or raise inbox_limit",
                    where=destination,
                    code="inbox-full",
                )
            self._waiting[destination] += 1
            self._mail.append(message)
        self.posted()

    def drop(self, number: int) -> None:
        """Let go of the oldest messages, so many: a run has them."""
        with self._guard:
            for _ in range(number):
                self._waiting[self._mail.popleft().destination] -= 1


def _message(source: str, destination: str, content: str, role: str) -> OutsideMessage:
    for field, text in (("source", source), ("destination", destination), ("content", content)):
        if not isinstance(text, str):
            raise BadInput(f"a message's {field}: found {text!r}, expected a text", where=field)
    if len(content.encode(errors="replace")) > MAX_BYTES:
        raise BadInput(
            f"a message of more than {MAX_BYTES >> 20} MiB for {destination!r} is too large",
            where=destination,
            code="too-large",
        )
    return OutsideMessage(
        source=source, destination=destination, role=role_of(role), content=content
    )


def _checked(given: Mapping[str, object]) -> PostmasterPolicy:
    if given["undeliverable"] == "reroute" and not given["reroute_destination"]:
        raise BadInput(
            "undeliverable mail is to be rerouted: say where to, with reroute_destination",
            where="reroute_destination",
            code="reroute-missing",
        )
    try:
        return PostmasterPolicy.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Input should be ")
        raise BadInput(
            f"{where}: found {first['input']!r}, expected {problem}", where=where
        ) from None


def _to_stdout(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
