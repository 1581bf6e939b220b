"""Plans at random: with odd names, and with values at the edges of what may be."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from regions_dist.domain.catalog import catalog
from regions_dist.domain.drawing import Drawing
from regions_dist.domain.plan import (
    EmbeddingSpec,
    LLMSpec,
    OutsideMessage,
    Placement,
    Plan,
    PostmasterPolicy,
    RagSpec,
    RegionEntry,
    Resources,
    StepPolicy,
)
from regions_dist.domain.registry import BUILT_IN

if TYPE_CHECKING:
    from regions_dist.domain.catalog import ParameterInCatalog

__all__ = ["any_drawing", "any_json", "any_name", "any_plan"]

any_text = st.text(max_size=20)
any_name = st.one_of(
    st.sampled_from(["Desk", "terminal", "10", "2", "*", "a.b", "", " ", "Ünï 🐝", '"', "\\"]),
    st.text(max_size=8),
)
_whole = st.integers(1, sys.maxsize)
_positive = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
_not_negative = st.floats(min_value=0, allow_infinity=False)
_finite = st.floats(allow_nan=False, allow_infinity=False)

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | _finite | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_name, inner, max_size=3),
    max_leaves=6,
)


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def _named(value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(any_name, value, max_size=3)


_or_text = st.none() | any_text
_steps = _some(
    timeout=st.none() | _positive,
    retries=st.integers(0, 100),
    backoff=_not_negative,
    on_failure=st.sampled_from(["fail", "continue"]),
).map(lambda fields: StepPolicy(**fields))
_placement = _some(worker=_or_text, pool=_or_text, labels=_named(any_text)).map(
    lambda fields: Placement(**fields)
)
_llm = _some(
    url=_or_text,
    model=_or_text,
    params=_named(any_json),
    slots=st.none() | _whole,
    timeout=st.none() | _positive,
).map(lambda fields: LLMSpec(**fields))
_embedding = _some(url=_or_text, model=_or_text).map(lambda fields: EmbeddingSpec(**fields))
_rag = _some(
    path=_or_text,
    documents=st.lists(any_text, max_size=2).map(tuple),
    embedding=any_name,
    chunk_size=st.integers(16, sys.maxsize),
    overlap=st.integers(0, sys.maxsize),
    max_results=_whole,
).map(lambda fields: RagSpec(**fields))
_resources = _some(llm=_named(_llm), embedding=_named(_embedding), rag=_named(_rag)).map(
    lambda fields: Resources(**fields)
)
_postmaster = _some(
    undeliverable=st.sampled_from(["drop", "retry", "reroute", "return", "error"]),
    retries=st.integers(0, 20),
    rts_source=_or_text,
    rts_prepend=_or_text,
    reroute_destination=st.none() | any_name,
    cc=st.none() | st.lists(any_name, max_size=2).map(tuple),
    print_address=any_text,
    max_hops=_whole,
    inbox_limit=_whole,
    inbox_bytes=_whole,
).map(lambda fields: PostmasterPolicy(**fields))
_messages = st.builds(
    OutsideMessage,
    source=any_text,
    destination=any_name,
    role=st.sampled_from(["request", "reply"]),
    content=any_text,
)


def _parameter(declared: ParameterInCatalog) -> st.SearchStrategy[Any]:
    if declared.form == "flag":
        return st.booleans()
    if declared.form == "number":
        return st.floats(declared.least, declared.most, allow_nan=False, allow_infinity=False)
    return any_text if declared.form == "text" else any_json


_COMMON = {"name", "type", "task", "connections", "llm", "rag"}
_own = {cls.__name__ for cls in BUILT_IN}
"""Types that other tests register may read their parameters in their own way."""
_known_types = st.sampled_from([one for one in catalog() if one.name in _own]).flatmap(
    lambda known: st.tuples(
        st.just(known.name), _some(**{one.name: _parameter(one) for one in known.parameters})
    )
)
_other_types = st.tuples(
    any_name.filter(lambda name: name not in {known.name for known in catalog()}),
    st.dictionaries(any_name.filter(lambda name: name not in _COMMON), any_json, max_size=2),
)


@st.composite
def _region(draw: st.DrawFn) -> RegionEntry:
    type_name, parameters = draw(_known_types | _other_types)
    return RegionEntry(
        name=draw(any_name),
        type=type_name,
        task=draw(any_text),
        connections=draw(_named(any_text)),
        llm=draw(st.just("default") | any_name),
        rag=draw(st.just("default") | any_name),
        parameters=parameters,
    )


_chains = _named(st.lists(any_name, max_size=3).map(tuple))
_entries = st.lists(st.tuples(any_name, any_text), max_size=4).map(tuple)


@st.composite
def any_plan(draw: st.DrawFn) -> Plan:
    """Any plan that a file can hold, whether or not it can run."""
    layers = draw(st.lists(st.tuples(_chains, _entries), max_size=3))
    order = st.lists(st.integers(0, max(0, len(layers) - 1)), max_size=4 if layers else 0)
    return Plan(
        regions=tuple(draw(st.lists(_region(), max_size=3))),
        layer_config=tuple(chains for chains, _ in layers),
        execution_config=tuple(entries for _, entries in layers),
        execution_order=tuple(draw(order)),
        messages=tuple(draw(st.lists(_messages, max_size=2))),
        postmaster=draw(_postmaster),
        steps=draw(_named(_steps)),
        placement=draw(_named(_placement)),
        resources=draw(_resources),
    )


def any_drawing(plan: Plan) -> st.SearchStrategy[Drawing]:
    """A place for each region of the plan, and a colour for each chain."""
    places = {entry.name: st.tuples(_finite, _finite) for entry in plan.regions}
    colors = [
        st.fixed_dictionaries({chain: st.integers(0, sys.maxsize) for chain in layer})
        for layer in plan.layer_config
    ]
    return st.builds(Drawing, st.fixed_dictionaries(places), st.tuples(*colors))
