"""Commands that look at plans: verify, show, convert."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from regions_dist.cli import plan_files
from regions_dist.cli.options import (
    BAD_INPUT,
    ExecutionsFile,
    Imports,
    Json,
    PlanFile,
    RegionsFile,
    import_modules,
    print_json,
)
from regions_dist.domain.verify import verify as find

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: regions-coordinator verify plan.json --json")
def verify(
    plan: PlanFile = None,
    regions: RegionsFile = None,
    executions: ExecutionsFile = None,
    imports: Imports = None,
    as_json: Json = False,
) -> None:
    """Check a plan without running it. Exit code 2 where it has errors."""
    import_modules(imports)
    loaded = plan_files.read_plan(plan, regions, executions)
    if as_json:
        findings = [*loaded.repairs, *find(loaded.plan)]
        print_json([finding.as_dict() for finding in findings])
        if any(finding.severity == "error" for finding in findings):
            raise typer.Exit(BAD_INPUT)
        return
    plan_files.check(loaded)
    typer.echo("the plan can run")


@app.command(epilog="Example: regions-coordinator show --regions regions.json --executions ex.json")
def show(
    plan: PlanFile = None,
    regions: RegionsFile = None,
    executions: ExecutionsFile = None,
    imports: Imports = None,
    as_json: Json = False,
) -> None:
    """Draw a plan's layers and chains."""
    from rich.console import Console

    from regions_dist.cli.drawing import draw
    from regions_dist.domain.convert import to_plan

    import_modules(imports)
    checked = plan_files.check(plan_files.read_plan(plan, regions, executions))
    if as_json:
        print_json(to_plan(checked))
    else:
        draw(checked, Console())


@app.command(epilog="Example: regions-coordinator convert state.json --to plan > plan.json")
def convert(
    plan: PlanFile = None,
    to: Annotated[Literal["plan", "regions", "executions", "full-state"], typer.Option()] = "plan",
    regions: RegionsFile = None,
    executions: ExecutionsFile = None,
    imports: Imports = None,
) -> None:
    """Print a plan in another of its file forms."""
    from regions_dist.domain import convert as forms

    import_modules(imports)
    loaded = plan_files.read_plan(plan, regions, executions)
    plan_files.tell(loaded.repairs)
    makers: dict[str, Any] = {
        "plan": lambda: forms.to_plan(loaded.plan, loaded.drawing),
        "regions": lambda: forms.to_regions(loaded.plan),
        "executions": lambda: forms.to_executions(loaded.plan),
        "full-state": lambda: forms.to_full_state(loaded.plan, loaded.drawing),
    }
    print_json(makers[to]())
