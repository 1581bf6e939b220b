"""What is told of runs and workers, as the commands with --json and the API have it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from regions_dist.ports import WorkerInfo
from regions_dist.runs.waiting import waits_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regions_dist.domain.message import Message
    from regions_dist.domain.schedule import Place
    from regions_dist.ports import ServedResource
    from regions_dist.runs.stored_runs import Standing
    from regions_dist.transport.run_record import RunRecord

__all__ = [
    "places_document",
    "region_states",
    "standing_document",
    "worker_document",
    "workers_document",
]


def standing_document(standing: Standing) -> dict[str, Any]:
    """How a run stands, and what it waits for."""
    view = standing.record.view()
    waits = [wait.as_dict() for wait in waits_of(standing)]
    return view.as_dict() | {"parent": view.parent or None, "waits": waits}


def region_states(record: RunRecord) -> dict[str, dict[str, Any]]:
    """What each region knows, has yet to answer and has yet to read."""
    states = record.states()
    found = {}
    for entry in record.plan().regions:
        state = states.get(entry.name)
        found[entry.name] = {
            "knowledge": _mail(state.replies if state else ()),
            "requests": _mail(state.requests if state else ()),
            "unread": _mail(record.inbox(entry.name)),
            "connections": dict(state.connections if state else entry.connections),
        }
    return found


def workers_document(
    workers: Sequence[WorkerInfo], served: Sequence[ServedResource]
) -> list[dict[str, Any]]:
    """The workers; last, if calls wait for what nobody serves, a nameless one that has that."""
    nobody = WorkerInfo(name="", host="", pid=0)
    lonely = any(resource.worker == nobody.name for resource in served)
    listed = [*workers, nobody] if lonely else workers
    return [worker_document(worker, served) for worker in listed]


def worker_document(worker: WorkerInfo, served: Sequence[ServedResource]) -> dict[str, Any]:
    """A worker, with the resources that are its own."""
    own = [asdict(resource) for resource in served if resource.worker == worker.name]
    return asdict(worker) | {"resources": own}


def places_document(places: Sequence[Place]) -> list[dict[str, Any]]:
    """What a plan comes to: turns of layers, their chains, the steps of those."""
    return [
        {
            "layer": place.layer,
            "chains": [
                {
                    "name": chain.name,
                    "steps": [
                        {"id": str(s.id), "region": s.region, "method": s.method}
                        for s in chain.steps
                    ],
                }
                for chain in place.chains
            ],
        }
        for place in places
    ]


def _mail(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"source": m.source, "content": m.content, "id": m.id} for m in messages]
