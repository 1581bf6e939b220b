"""The regions of a program, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from regions_dist.domain.convert import to_region
from regions_dist.domain.execute import build
from regions_dist.domain.files import load_regions
from regions_dist.domain.names import name_problem
from regions_dist.domain.region import BaseRegion
from regions_dist.errors import BadInput
from regions_dist.library.by_name import NamedLLM, NamedStore
from regions_dist.library.entry import RegionEntry
from regions_dist.library.files import read_json, write_json
from regions_dist.library.findings import tell, tell_problems
from regions_dist.library.plain_llm import as_llm
from regions_dist.library.portable import portable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from regions_dist.domain import plan
    from regions_dist.domain.finding import Finding
    from regions_dist.domain.resources import LLM, Retriever

__all__ = ["RegionRegistry"]


class RegionRegistry(Mapping[str, RegionEntry]):
    """Maps names onto RegionEntry, in the order of registration.

    ``default_llm`` and ``default_rag`` are the model and the store, objects or names, of regions
    that name none; without them a region asks for the machine's own ``default``. ``regions`` are
    those that ``build_regions`` has made; after a run they know what they knew at its end.
    """

    def __init__(
        self,
        entries: Iterable[RegionEntry | BaseRegion | Mapping[str, Any]] = (),
        default_llm: LLM | str | None = None,
        default_rag: Retriever | str | None = None,
    ) -> None:
        self.default_llm = default_llm
        self.default_rag = default_rag
        self.regions: dict[str, BaseRegion] = {}
        self._entries: dict[str, RegionEntry] = {}
        self._by_hand: dict[str, BaseRegion] = {}
        for entry in entries:
            self.register(entry)

    def __getitem__(self, name: str) -> RegionEntry:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def register(
        self,
        entry: RegionEntry | BaseRegion | Mapping[str, Any] | str | None = None,
        /,
        *arguments: Any,
        **fields: Any,
    ) -> RegionEntry:
        """Add a region: an entry, a region made by hand, a file's dict, or RegionEntry's arguments.

        Raises BadInput for a name that is taken or can't be one, and an unknown type.
        """
        new = _entry(entry, *arguments, **fields)
        if new.name in self._entries:
            raise BadInput(
                f"there is a region called {new.name!r} already; give this one another name, or "
                "change the other with update",
                where=new.name,
            )
        self._check(new)
        self._entries[new.name] = new
        if isinstance(entry, BaseRegion):
            self.regions[new.name] = self._by_hand[new.name] = entry
        return new

    def update(self, region: str | RegionEntry, /, **changes: Any) -> RegionEntry:
        """Change fields or parameters of a region, or put a new entry in the place of its old one.

        Raises BadInput for a region that is not registered, and as ``register`` does.
        """
        name = region if isinstance(region, str) else region.name
        old = self._known(name)
        new = (old if isinstance(region, str) else region).changed(**changes)
        if new.name != name and new.name in self._entries:
            raise BadInput(f"there is a region called {new.name!r} already", where=new.name)
        self._check(new)
        self._entries = {
            new.name if key == name else key: new if key == name else entry
            for key, entry in self._entries.items()
        }
        self._let_go(name)
        return new

    def deregister(self, name: str) -> RegionEntry:
        """Take a region out. Raises BadInput where there is none of that name."""
        self._known(name)
        self._let_go(name)
        return self._entries.pop(name)

    def load(self, file: str | Path) -> RegionRegistry:
        """Add the regions of a regions file, a plan or a full state; this registry.

        One that has a name of the file's is replaced. Raises FileProblem. What had to be repaired
        is logged.
        """
        loaded = load_regions(read_json(file), str(file))
        tell(loaded.repairs)
        for entry in loaded.regions:
            self._entries[entry.name] = RegionEntry.of(entry)
            self._let_go(entry.name)
        return self

    def save(self, file: str | Path) -> None:
        """Write a regions file. Models, stores and callables given as objects are left out."""
        entries, _ = self.read()
        write_json(file, [to_region(portable(entry)) for entry in entries])

    def read(self) -> tuple[list[plan.RegionEntry], list[Finding]]:
        """The regions as a plan has them, and what had to be repaired. Raises BadInput."""
        tasks = self._tasks()
        read = [entry.read(tasks) for entry in self._entries.values()]
        return [entry for entry, _ in read], [finding for _, found in read for finding in found]

    def verify(self) -> bool:
        """Whether every region can be built; what is wrong is logged."""
        return not tell_problems(self.problems())

    def problems(self) -> Iterator[str]:
        """What keeps regions from being built, in words."""
        for name, entry in self._entries.items():
            try:
                self._build(entry)
            except BadInput as problem:
                yield problem.message
            except Exception as problem:  # noqa: BLE001  a user's own type may raise anything
                yield f"region {name!r} cannot be built: {type(problem).__name__}: {problem}"

    def build_regions(
        self,
        overwrite: bool = True,  # noqa: FBT001, FBT002  its users pass it by position
        verify: bool = True,  # noqa: FBT001, FBT002
    ) -> dict[str, BaseRegion]:
        """Make a region of each entry, to be used by hand; all of them by name.

        Without ``overwrite`` those that were made before stay; those that were registered as they
        are stay always. With ``verify`` all are checked first. Raises BadInput.
        """
        if verify and (problems := list(self.problems())):
            raise BadInput(
                "the registry has regions that cannot be built:\n  " + "\n  ".join(problems)
            )
        for name, entry in self._entries.items():
            if overwrite or name not in self.regions:
                self.regions[name] = self._by_hand.get(name) or self._build(entry)
        return dict(self.regions)

    def resource(self, name: str, kind: Literal["llm", "rag"]) -> object:
        """The model or store of a region: an object, or a name of this machine's config."""
        own = getattr(self._known(name), kind)
        return getattr(self, f"default_{kind}") if own is None else own

    def _let_go(self, name: str) -> None:
        self.regions.pop(name, None)
        self._by_hand.pop(name, None)

    def _build(self, entry: RegionEntry) -> BaseRegion:
        llm, rag = (self.resource(entry.name, kind) for kind in ("llm", "rag"))
        resources = {
            "llm": NamedLLM(llm or "default") if isinstance(llm, str | None) else as_llm(llm),
            "rag": NamedStore(rag or "default") if isinstance(rag, str | None) else rag,
        }
        return build(entry.read(self._tasks())[0], resources)

    def _tasks(self) -> dict[str, str]:
        return {name: entry.task for name, entry in self._entries.items()}

    def _check(self, entry: RegionEntry) -> None:
        if problem := name_problem(entry.name):
            raise BadInput(f"the name {entry.name!r} {problem}: choose another", where=entry.name)
        entry.read({})

    def _known(self, name: str) -> RegionEntry:
        if name in self._entries:
            return self._entries[name]
        known = ", ".join(self._entries) or "none"
        raise BadInput(f"no region called {name!r} is registered; known: {known}", where=name)


def _entry(
    given: RegionEntry | BaseRegion | Mapping[str, Any] | str | None,
    *arguments: Any,
    **fields: Any,
) -> RegionEntry:
    if isinstance(given, RegionEntry):
        return given
    if isinstance(given, BaseRegion):
        return RegionEntry.of_region(given)
    if isinstance(given, str):
        return RegionEntry(given, *arguments, **fields)
    return RegionEntry(**(given or {}), **fields)
