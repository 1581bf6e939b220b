"""A run as one page that needs nothing else. Steps are played in the test's own process."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from regions_dist.runs.report import report_page
from tests.cluster import Stage, outside, plan_of, region

if TYPE_CHECKING:
    from collections.abc import Mapping

HOSTILE = "<script>alert(1)</script><img src=x onerror='x'>&amp;"


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, Mapping[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and what it says."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Add to the text."""
        self.text += data


async def test_a_page_tells_all_of_a_run_and_asks_nobody_for_anything(broker_url: str) -> None:
    solo = region(HOSTILE, connections=["Sink"])
    plan = plan_of([solo, region("Sink")], {"main": (HOSTILE,)}, {"last": ("Sink",)})
    async with Stage(broker_url) as stage:
        await stage.open(plan, outside("Sink", HOSTILE))
        await stage.play("0000-001-000", HOSTILE, ("terminal", "reply", f"an answer {HOSTILE}"))
        await stage.play("0001-001-000", "Sink")
        await stage.succeeded()
        page = Page(report_page(await stage.store.whole("r")))

    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "img", "link", "iframe", "object", "a"}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert not any({"src", "href", "srcset"} & attributes.keys() for _, attributes in page.tags)
    assert page.text.count(f"an answer {HOSTILE}") == 2
    for told in ("Run r", "succeeded", f"{HOSTILE}.say", "Sink.say", "main", "last", "printed"):
        assert told in page.text, told
    assert sum(tag == "i" for tag, _ in page.tags) == 2
