"""Message and StepId."""

from __future__ import annotations

from typing import cast

import pytest

from regions_dist.domain.message import ROLES, Message, Role, StepId, role_of
from regions_dist.errors import BadInput


@pytest.mark.parametrize("role", ROLES)
def test_a_known_role_is_taken(role: Role) -> None:
    assert role_of(role) == role
    assert Message("A", "B", role, "text").role == role


@pytest.mark.parametrize("role", ["", "Request", "system"])
def test_an_unknown_role_is_an_error_that_names_the_known_ones(role: str) -> None:
    with pytest.raises(BadInput, match=r"expected one of request, reply"):
        Message("A", "B", cast("Role", role), "text")


def test_a_step_is_read_as_it_is_written() -> None:
    step = StepId(2, 1, 30)

    assert str(step) == "0002-001-030"
    assert StepId.parse(str(step)) == step


@pytest.mark.parametrize("text", ["", "1-2", "1-2-3-4", "a-b-c"])
def test_other_text_is_no_step(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        StepId.parse(text)


def test_the_text_order_of_ids_is_the_order_of_the_plan() -> None:
    steps = [StepId(0, 1, 0), StepId(0, 1, 9), StepId(0, 2, 0), StepId(2, 1, 0), StepId(10, 1, 0)]

    ids = [step.message_id(ordinal) for step in steps for ordinal in (0, 2, 10)]

    assert ids == sorted(ids)
