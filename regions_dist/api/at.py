"""What every address is given: the server's desk, and the run that the address names."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Path, Request

from regions_dist.api.desk import Desk

__all__ = ["AtDesk", "RunName"]


def _desk(request: Request) -> Desk:
    return cast("Desk", request.app.state.desk)


def _run(request: Request, run: Annotated[str, Path(description="The run's name.")]) -> str:
    return _desk(request).known(run)


AtDesk = Annotated[Desk, Depends(_desk)]
RunName = Annotated[str, Depends(_run)]
