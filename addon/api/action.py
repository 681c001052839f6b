# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What an action is, and the table of them.

An action is one function: its name and parameters are the wire names, its
hints are the schema, its docstring is the reference. `@action` records that and
gives the function back untouched. A positional-only parameter, of which there may be
one, is not the client's: its annotation says what the program hands in.

    @action(reads=True)
    def deckNames(col: Collection, /) -> list[str]: ...
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any, Callable, Literal, Optional, TypeVar, Union, get_type_hints, overload

from .docstrings import Told, read_docstring
from .parameters import Parameters

#: What an action may use besides the collection and its media: Anki's windows, the network, files of this computer.
Resource = Literal["window", "network", "files"]
FIRST_VERSION = 1
LATEST_VERSION = 6
_RECORD = "__ankiconnect_action__"

F = TypeVar("F", bound=Callable[..., Any])
Versions = tuple[int, int]


@dataclass(frozen=True)
class Facts:
    """What an action does to what the user has. Of the first three at most one is true; none, where nothing is said."""

    #: It only reads.
    reads: bool = False
    #: It may change the collection: it runs as one undo step.
    changes: bool = False
    #: It does something that is no undo step: shows a window, writes a file, syncs.
    acts: bool = False
    #: It may remove or overwrite something, and its parameters do not tell what that was.
    destructive: bool = False
    #: What it may use besides the collection.
    uses: tuple[Resource, ...] = ()


@dataclass(frozen=True)
class Action:
    """One row of the table; immutable once imported."""

    name: str
    function: Callable[..., Any]
    #: Type of what the program hands in; None: nothing.
    takes: Any
    parameters: Parameters
    #: First and last protocol version it exists in.
    versions: Versions
    #: Other names of it, each with the versions that know it by that name.
    older_names: Mapping[str, Versions]
    facts: Facts
    #: It cannot do without an open collection.
    needs_collection: bool
    #: It is a coroutine: its reply may come later.
    waits: bool

    @property
    def changes(self) -> bool:
        """It may change the collection: it runs as one undo step."""
        return self.facts.changes

    @property
    def doc(self) -> str:
        """The docstring: what users read."""
        return inspect.getdoc(self.function) or ""

    @property
    def told(self) -> Told:
        """The docstring, taken apart."""
        return read_docstring(self.doc, self.parameters.names)


@overload
def action(function: F) -> F: ...
@overload
def action(
    *,
    reads: bool = ...,
    changes: bool = ...,
    acts: bool = ...,
    destructive: bool = ...,
    uses: tuple[Resource, ...] = ...,
    needs_collection: bool = ...,
    versions: Versions = ...,
    older_names: Optional[Mapping[str, Versions]] = ...,
) -> Callable[[F], F]: ...
def action(
    function: Optional[F] = None,
    *,
    reads: bool = False,
    changes: bool = False,
    acts: bool = False,
    destructive: bool = False,
    uses: tuple[Resource, ...] = (),
    needs_collection: bool = True,
    versions: Versions = (FIRST_VERSION, LATEST_VERSION),
    older_names: Optional[Mapping[str, Versions]] = None,
) -> Union[F, Callable[[F], F]]:
    """Make a function an action; it is returned untouched.

    reads: it only reads.
    changes: it may change the collection. What it does is one undo step, taken
        back if it fails half-way.
    acts: it does something that is no undo step: shows a window, writes a file, syncs.
    destructive: it may remove or overwrite something that its parameters do not tell.
    uses: what it may use besides the collection.
    needs_collection: false for one that something is handed to and that works without
        an open collection, too. One that nothing is handed to always does.
    versions: first and last protocol version that have it.
    older_names: further names, with the versions that know it by that name.
    """

    facts = Facts(reads, changes, acts, destructive, uses)
    if reads + changes + acts > 1 or (reads and destructive):
        raise TypeError(f"an action either reads, changes or acts, and one that reads destroys nothing: {facts}")

    def record(function: F) -> F:
        row = _action_of(function, facts, needs_collection, versions, older_names or {})
        setattr(function, _RECORD, row)
        return function

    return record if function is None else record(function)


def _action_of(
    function: Callable[..., Any],
    facts: Facts,
    needs_collection: bool,
    versions: Versions,
    older_names: Mapping[str, Versions],
) -> Action:
    name = function.__name__
    if not inspect.getdoc(function):
        raise TypeError(f"action {name}() has no docstring; users read it")
    hints = get_type_hints(function)
    if "return" not in hints:
        raise TypeError(f"action {name}() does not say what it returns")
    takes, hinted = None, {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name not in hints:
            raise TypeError(f"parameter {parameter.name} of {name}() has no type hint")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            if takes is not None:
                raise TypeError(f"action {name}() has two positional-only parameters; only one thing is handed in")
            takes = hints[parameter.name]
        elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            hinted[parameter.name] = (hints[parameter.name], parameter.default)
        else:
            raise TypeError(f"parameter {parameter.name} of {name}() is neither handed in nor named")
    return Action(
        name=name,
        function=function,
        takes=takes,
        parameters=Parameters(name, hinted),
        versions=versions,
        older_names=MappingProxyType(dict(older_names)),
        facts=facts,
        needs_collection=facts.changes or (needs_collection and takes is not None),
        waits=inspect.iscoroutinefunction(function),
    )


class ActionTable:
    """Every action, by version and name. Closed once made.

    Refuses, when made, two actions of one name.
    """

    def __init__(self, actions: Iterable[Action]) -> None:
        self._by_version: dict[int, dict[str, Action]] = {
            version: {} for version in range(FIRST_VERSION, LATEST_VERSION + 1)
        }
        for row in actions:
            for name, (first, last) in {row.name: row.versions, **row.older_names}.items():
                for version in range(first, last + 1):
                    if name in self._by_version[version]:
                        raise ValueError(f"two actions are named {name} in version {version}")
                    self._by_version[version][name] = row

    @classmethod
    def of_modules(cls, modules: Iterable[ModuleType]) -> ActionTable:
        """The table of all actions defined in these modules, in their order."""
        return cls(
            getattr(member, _RECORD)
            for module in modules
            for member in vars(module).values()
            if hasattr(member, _RECORD) and member.__module__ == module.__name__
        )

    def __repr__(self) -> str:
        return f"<ActionTable {len(self.names())} actions>"

    def __iter__(self) -> Any:
        return iter({id(row): row for rows in self._by_version.values() for row in rows.values()}.values())

    def find(self, name: str, version: int) -> Optional[Action]:
        """The action of that name at that version, if there is one."""
        return self._by_version.get(version, {}).get(name)

    def names(self, version: int = LATEST_VERSION) -> list[str]:
        """The names known at a version, in the order of the reference."""
        return list(self._by_version.get(version, {}))
