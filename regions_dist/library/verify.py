"""Check a whole program before it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regions_dist.domain.verify import verify as findings_of
from regions_dist.errors import BadInput
from regions_dist.library.assembly import assemble
from regions_dist.library.findings import tell, tell_problems

if TYPE_CHECKING:
    from regions_dist.library.orchestrator import Orchestrator
    from regions_dist.library.postmaster import Postmaster
    from regions_dist.library.registry import RegionRegistry

__all__ = ["verify"]


def verify(
    registry: RegionRegistry,
    orchestrator: Orchestrator,
    postmaster: Postmaster,
    verify_registry: bool = True,  # noqa: FBT001, FBT002  its users pass them by position
    rebuild_regions: bool = True,  # noqa: FBT001, FBT002
    verify_orchestrator: bool = True,  # noqa: FBT001, FBT002
) -> bool:
    """Whether this can run; what is wrong or odd is logged, and only what is wrong counts.

    ``verify_registry`` tries to build each region, ``rebuild_regions`` makes them anew in
    ``registry.regions``, ``verify_orchestrator`` looks at layers and rules.
    """
    good = registry.verify() if verify_registry else True
    if rebuild_regions:
        good = _rebuilt(registry) and good
    if verify_orchestrator:
        good = _fits(registry, orchestrator, postmaster) and good
    return good


def _rebuilt(registry: RegionRegistry) -> bool:
    try:
        registry.build_regions(overwrite=True, verify=False)
    except Exception as problem:  # noqa: BLE001  a user's own type may raise anything
        return not tell_problems([str(problem)])
    return True


def _fits(registry: RegionRegistry, orchestrator: Orchestrator, postmaster: Postmaster) -> bool:
    try:
        made = assemble(registry, orchestrator, postmaster.rules)
    except BadInput as problem:
        return not tell_problems([problem.message])
    findings = [*made.repairs, *findings_of(made.plan)]
    tell(findings)
    return all(finding.severity != "error" for finding in findings)
