"""Addresses for plans: check one, begin with a template."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from regions_dist.api.answers import Template, TemplateInList, Verified
from regions_dist.api.bodies import PlanBody  # noqa: TC001 FastAPI reads it as it runs
from regions_dist.api.plan_input import examined
from regions_dist.api.templates import template, templates

__all__ = ["plans"]

plans = APIRouter(prefix="/api", tags=["plans"])


@plans.post("/plans/verify", response_model=Verified)
def verify(body: PlanBody) -> dict[str, Any]:
    """What is wrong or odd in a plan, without running it."""
    findings = examined(body.plan)
    ok = all(finding.severity != "error" for finding in findings)
    return {"ok": ok, "findings": [finding.as_dict() for finding in findings]}


@plans.get("/templates", response_model=list[TemplateInList])
def list_templates() -> list[dict[str, Any]]:
    """Plans to begin with."""
    return [one.as_dict() for one in templates()]


@plans.get("/templates/{name}", response_model=Template)
def one_template(name: str) -> dict[str, Any]:
    """One of them, with its plan."""
    found = template(name)
    return found.as_dict() | {"plan": found.plan}
