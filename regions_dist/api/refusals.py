"""Errors as the API answers them: ``{"error": {"code", "message", "where"}}``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, cast

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from regions_dist.errors import (
    BadInput,
    BrokerRefused,
    FileProblem,
    NoSuchRun,
    PlanRefused,
    RegionsError,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.requests import Request

    from regions_dist.domain.finding import Finding

__all__ = ["REFUSALS", "Conflict", "NotFound", "RefusedPlan", "add_refusals", "refusal"]

log = logging.getLogger(__name__)

_STATUS: Final[tuple[tuple[type[RegionsError], int], ...]] = (
    (NoSuchRun, 404),
    (PlanRefused, 422),
    (FileProblem, 422),
    (BrokerRefused, 503),
    (BadInput, 400),
    (Unavailable, 503),
)
_CODES: Final = {404: "not-found", 405: "bad-method", 413: "too-large", 400: "bad-json"}
_CONFLICTS: Final = {"run-taken"}


class Refusal(BaseModel):
    """What is wrong."""

    code: str = Field(description="Stable and short.")
    message: str = Field(description="For people.")
    where: str = Field(description='A field, file or place in the plan, or "".')
    findings: list[dict[str, str]] | None = Field(None, description="Of a plan that is refused.")


class Refused(BaseModel):
    """The form of every answer that says no."""

    error: Refusal


class NotFound(BadInput):
    """What the address names is not there."""

    code = "not-found"


class Conflict(BadInput):
    """It cannot be done as things stand now."""

    code = "conflict"


class RefusedPlan(PlanRefused):
    """A plan with errors; ``findings`` are all that was found."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = next(finding for finding in findings if finding.severity == "error")
        super().__init__(f"the plan cannot run: {first.message}", where=first.where)
        self.findings = findings


_SAID: Final[dict[int | str, str]] = {
    422: "A field or a plan that cannot be used.",
    "4XX": "It is not there, or cannot be done as things stand.",
    "5XX": "The broker is away, or something is wrong with the server.",
}
REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Refused, "description": said} for status, said in _SAID.items()
}
"""What each address may answer besides, for the API's description."""


def refusal(status: int, code: str, message: str, where: str = "", **more: Any) -> JSONResponse:
    """An answer that says no."""
    error = {"code": code, "message": message, "where": where, **more}
    return JSONResponse({"error": error}, status)


def add_refusals(app: FastAPI) -> None:
    """Answer whatever goes wrong in ``app`` in this form."""
    app.add_exception_handler(RegionsError, _ours)
    app.add_exception_handler(RequestValidationError, _field)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


async def _ours(_: Request, raised: Exception) -> JSONResponse:
    error = cast("RegionsError", raised)
    findings = getattr(error, "findings", None)
    more = {} if findings is None else {"findings": [found.as_dict() for found in findings]}
    return refusal(_status(error), error.code, error.message, error.where, **more)


def _status(error: RegionsError) -> int:
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, Conflict) or error.code in _CONFLICTS:
        return 409
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


async def _field(_: Request, raised: Exception) -> JSONResponse:
    problem = cast("RequestValidationError", raised).errors()[0]
    if problem["type"] == "json_invalid":
        return refusal(400, "bad-json", f"the body is not JSON: {problem['ctx']['error']}")
    where = ".".join(str(part) for part in problem["loc"][1:])
    return refusal(422, "bad-field", f"{where or 'the body'}: {problem['msg']}", where)


async def _http(_: Request, raised: Exception) -> JSONResponse:
    error = cast("HTTPException", raised)
    answer = refusal(error.status_code, _CODES.get(error.status_code, "error"), str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _unforeseen(request: Request, raised: Exception) -> JSONResponse:
    log.error("%s %s", request.method, request.url.path, exc_info=raised)
    return refusal(500, "internal", f"{type(raised).__name__}; the server's log has more of it")
