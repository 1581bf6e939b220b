"""Rules for mail, and mail from outside, from Python."""

from __future__ import annotations

from typing import Any

import pytest

from regions_dist import BadInput, Injector, Postmaster, RegionRegistry


def postmaster(**rules: Any) -> Postmaster:
    """A Postmaster of no region."""
    return Postmaster(RegionRegistry(), **rules)


@pytest.mark.parametrize(
    ("rules", "where"),
    [
        ({"undeliverable": "reroute"}, "reroute_destination"),
        ({"undeliverable": "burn"}, "undeliverable"),
        ({"retries": -1}, "retries"),
        ({"max_hops": 0}, "max_hops"),
        ({"print_address": None}, "print_address"),
    ],
)
def test_rules_that_cannot_be_are_refused(rules: dict[str, Any], where: str) -> None:
    with pytest.raises(BadInput) as refused:
        postmaster(**rules)

    assert refused.value.where == where


def test_cc_is_a_name_or_several() -> None:
    assert postmaster(cc="Ear").rules.cc == ("Ear",)
    assert postmaster(cc=["Ear", "Eye"]).rules.cc == ("Ear", "Eye")
    assert postmaster().rules.cc is None


def test_an_injector_sends_in_its_role_or_another() -> None:
    post = postmaster()

    with Injector(post, "user", role="reply") as user:
        user.send("A", "1")
        user.request("A", "2")
        user.reply("A", "3")
        user.send("A", "4", "request")

    sent = [(m.source, m.destination, m.role, m.content) for m in post.pending]
    assert sent == [
        ("user", "A", "reply", "1"),
        ("user", "A", "request", "2"),
        ("user", "A", "reply", "3"),
        ("user", "A", "request", "4"),
    ]


def test_what_is_no_message_is_refused_and_kept_out() -> None:
    post = postmaster()
    with pytest.raises(BadInput, match="unknown role"):
        Injector(post, "user", role="shout")

    with Injector(post, "user") as user:
        for arguments in (
            ("A", None),
            (3, "text"),
            ("A", "text", "shout"),
            ("A", "x" * (8 * 2**20 + 1)),
        ):
            with pytest.raises(BadInput):
                user.send(*arguments)

    assert post.pending == []
    with pytest.raises(BadInput, match="was left"):
        user.send("A", "text")


def test_fault_no_backpressure_mail_from_outside_has_an_end() -> None:
    post = postmaster(inbox_limit=2)
    for _ in range(2):
        post.post("user", "A", "text", "request")

    with pytest.raises(BadInput) as full:
        post.post("user", "A", "text", "request")
    post.post("user", "B", "text", "request")
    post.drop(1)
    post.post("user", "A", "text", "request")

    assert full.value.code == "inbox-full"
    assert [message.destination for message in post.pending] == ["A", "B", "A"]
