"""What an Executor runs: registry, orchestrator and postmaster, read as a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from regions_dist.domain.plan import Placement
from regions_dist.domain.repair import Reading
from regions_dist.domain.sections import read_sections
from regions_dist.domain.verify import verify
from regions_dist.errors import PlanRefused
from regions_dist.library.assembly import assemble
from regions_dist.library.findings import line, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.domain.plan import Plan
    from regions_dist.library.assembly import Assembly
    from regions_dist.library.orchestrator import Orchestrator
    from regions_dist.library.postmaster import Postmaster
    from regions_dist.library.registry import RegionRegistry

__all__ = ["Program"]


@dataclass
class Program:
    """The three parts of a program, and the sections of a plan that no part has."""

    registry: RegionRegistry
    orchestrator: Orchestrator
    postmaster: Postmaster
    steps: Mapping[str, Any] = field(default_factory=dict)
    placement: Mapping[str, Any] = field(default_factory=dict)

    def assembled(self, host: str) -> Assembly:
        """The program as a plan that has not run anything yet; its own regions stay with ``host``.

        Raises BadInput for what is no plan. What is odd is logged.
        """
        given = {"steps": dict(self.steps), "placement": dict(self.placement)}
        more = read_sections(Reading("the executor"), given)
        made = assemble(self.registry, self.orchestrator, self.postmaster.rules, **more)
        findings = [*made.repairs, *verify(made.plan)]
        tell(finding for finding in findings if finding.severity != "error")
        here = dict.fromkeys(made.own, Placement(worker=host))
        changes = {"execution_order": (), "placement": {**made.plan.placement, **here}}
        made.plan = made.plan.model_copy(update=changes)
        return made

    def extended(self, plan: Plan, layers: Sequence[int]) -> Plan:
        """The plan with the layers as they are now, which goes on with these.

        Raises PlanRefused where they have errors, whether or not they are to run.
        """
        now = self.orchestrator.layers()
        changes = {
            "layer_config": now.layer_config,
            "execution_config": now.execution_config,
            "execution_order": now.execution_order or tuple(layers),
        }
        whole = plan.model_copy(update=changes)
        errors = [finding for finding in verify(whole) if finding.severity == "error"]
        if errors:
            lines = "\n  ".join(line(finding) for finding in errors)
            raise PlanRefused(f"the plan cannot run:\n  {lines}", where=errors[0].where)
        order = (*plan.execution_order, *layers)
        return whole.model_copy(update={"execution_order": order})
