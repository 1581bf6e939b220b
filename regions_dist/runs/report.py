"""A run as one HTML page that needs nothing else: its answers, timeline, messages and regions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regions_dist.domain.outcome import Event, RunView
    from regions_dist.domain.plan import RegionEntry
    from regions_dist.domain.schedule import Chain, Place, Step
    from regions_dist.transport.run_record import RunRecord

__all__ = ["report_page"]


def report_page(record: RunRecord) -> str:
    """The page. Everything that a plan, a model or a user has written is escaped."""
    view, events = record.view(), record.events()
    span = _Span.of(events)
    page = Template(files(__package__).joinpath("report.html").read_text(encoding="utf-8"))
    return page.substitute(
        title=escape(f"Run {view.run}"),
        facts=_facts(view, span),
        error=_error(view),
        answers=_answers(view),
        timeline="".join(_timeline(record.places(), events, span)),
        messages="".join(_messages(record, span)),
        regions="".join(_region(entry) for entry in record.plan().regions),
    )


@dataclass(frozen=True)
class _Span:
    """From the first to the last event, in seconds since 1970."""

    start: float
    end: float

    @classmethod
    def of(cls, events: list[Event]) -> _Span:
        return cls(events[0].at, events[-1].at) if events else cls(0.0, 0.0)

    def bar(self, begun: float, ended: float, status: str) -> str:
        """A piece of the timeline."""
        whole = max(self.end - self.start, 1e-9)
        left, width = 100 * (begun - self.start) / whole, 100 * (ended - begun) / whole
        style = f"left:{left:.2f}%;width:{width:.2f}%"
        return f'<div class="track"><i class="{escape(status)}" style="{style}"></i></div>'


@dataclass
class _Turn:
    """What became of a step."""

    status: str = "not run"
    begun: float | None = None
    ended: float | None = None
    note: str = ""


def _facts(view: RunView, span: _Span) -> str:
    status = f'<strong class="{view.status}">{escape(view.status.replace("_", " "))}</strong>'
    facts = [status, f"{view.seconds:.2f} s"]
    if span.start:
        facts.append("began " + time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(span.start)))
    facts += [f"{number} {fate}" for fate, number in view.messages.items() if number]
    if view.parent:
        facts.append(f"branched off {escape(view.parent)}")
    return " · ".join(facts)


def _error(view: RunView) -> str:
    if view.error is None:
        return ""
    where = f" ({escape(view.error.where)})" if view.error.where else ""
    return f'<p class="failed">{escape(view.error.message)}{where}</p>'


def _answers(view: RunView) -> str:
    told = (
        f"<blockquote><strong>{escape(source)}</strong><pre>{escape(text)}</pre></blockquote>"
        for source, text in view.answers
    )
    return "".join(told) or '<p class="soft">None.</p>'


def _timeline(places: tuple[Place, ...], events: list[Event], span: _Span) -> Iterator[str]:
    turns = _turns(events)
    for place in places:
        for chain in place.chains:
            for step in chain.steps:
                yield _row(place, chain, step, turns.get(str(step.id), _Turn()), span)


def _row(place: Place, chain: Chain, step: Step, turn: _Turn, span: _Span) -> str:
    bar, seconds = "", ""
    if turn.begun is not None:
        ended = turn.ended or span.end
        bar, seconds = span.bar(turn.begun, ended, turn.status), f"{ended - turn.begun:.2f}"
    note = f'<br><span class="soft">{escape(turn.note)}</span>' if turn.note else ""
    return _cells(
        str(place.layer),
        escape(chain.name),
        escape(f"{step.region}.{step.method}"),
        f'<span class="{escape(turn.status)}">{escape(turn.status)}</span>{note}',
        f'<div class="number">{seconds}</div>',
        bar,
    )


def _turns(events: list[Event]) -> dict[str, _Turn]:
    """How each step went, the last time where it was tried again."""
    turns: dict[str, _Turn] = {}
    for event in events:
        if event.type != "step":
            continue
        turn = turns.setdefault(event.fields["step"], _Turn())
        status = event.fields["status"]
        turn.note = event.fields.get("message") or turn.note
        if status == "warning":
            continue
        turn.status = status
        if status == "running":
            turn.begun, turn.ended = event.at, None
        elif status in {"done", "failed"}:
            turn.ended = event.at
    return turns


def _messages(record: RunRecord, span: _Span) -> Iterator[str]:
    for routed in record.trace():
        yield _cells(
            f'<div class="number">{routed["seq"]}</div>',
            f'<div class="number">{routed["at"] - span.start:.2f}</div>',
            *(escape(routed[name]) for name in ("source", "destination", "role", "outcome")),
            f"<pre>{escape(routed['content'])}</pre>",
        )


def _region(entry: RegionEntry) -> str:
    return _cells(
        escape(entry.name), escape(entry.type), escape(entry.task), _listed(entry.connections)
    )


def _listed(names: Iterable[str]) -> str:
    return escape(", ".join(names))


def _cells(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"
