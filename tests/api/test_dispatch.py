# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One request object in, one reply out: versions, keys, errors, multi, waiting."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Optional

import pytest

from addon.api import action as actions
from addon.api.action import Action, ActionTable, action
from addon.api.dispatch import Call, Caller, Dispatcher
from addon.api.pending import Pending, drive, gather
from addon.errors import ApiError


class World:
    """What a test's actions ask for."""

    def __init__(self) -> None:
        self.pending: Pending[str] = Pending()
        self.gate: Optional[Pending[None]] = None
        self.dispatcher: Optional[Dispatcher] = None


@action(older_names={"oldPlus": (1, 4)})
def plus(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@action(versions=(1, 5))
def gone() -> bool:
    """Exist in versions 1 to 5."""
    return True


@action
def fail(text: str) -> None:
    """Raise something unexpected."""
    raise ValueError(text)


@action
def refuse() -> None:
    """Raise an error clients are meant to see."""
    raise ApiError("not like this")


@action
async def wait(world: World, /) -> str:
    """Wait for the world."""
    return await world.pending


@action
async def multi(call: Call, world: World, /, actions: list[Any]) -> list[Any]:
    """Run several requests."""
    assert world.dispatcher is not None
    replies = []
    for member in actions:
        reply = world.dispatcher.answer(member, call.caller, outer=call)
        replies.append(await reply if isinstance(reply, Pending) else reply)
    return replies


@action
def requestPermission() -> str:
    """Need no key."""
    return "asked"


def rows(*functions: Any) -> list[Action]:
    return [getattr(function, actions._RECORD) for function in functions]


class TestProgram:
    """Implements `Program` for a `World`."""

    __test__ = False

    def __init__(self, world: World) -> None:
        self.world = world

    def provide(self, kind: Any, call: Call) -> Any:
        return {World: self.world, Call: call}[kind]

    def wait_before(self, action: Action, call: Call) -> Optional[Pending[None]]:
        return self.world.gate if self.world.gate is not None and not self.world.gate.is_done else None

    def step(self, action: Action, call: Call) -> AbstractContextManager[None]:
        return nullcontext()

    def reason(self, error: Exception) -> Optional[str]:
        return None


@pytest.fixture
def world() -> World:
    return World()


def dispatcher(world: World, key: Optional[str] = None) -> Dispatcher:
    table = ActionTable(rows(plus, gone, fail, refuse, wait, multi, requestPermission))
    world.dispatcher = Dispatcher(table, TestProgram(world), key)
    return world.dispatcher


def ask(message: Any, world: World, caller: Optional[Caller] = None, key: Optional[str] = None) -> Any:
    return dispatcher(world, key).answer(message, caller or Caller())


@pytest.mark.parametrize("version", [5, 6])
def test_from_version_5_on_a_reply_has_exactly_two_members(world: World, version: int) -> None:
    request = {"action": "plus", "version": version, "params": {"a": 1}}
    assert ask(request, world) == {"result": 2, "error": None}


@pytest.mark.parametrize("envelope", [{}, {"version": 1}, {"version": 4}])
def test_up_to_version_4_the_result_is_bare_and_errors_are_objects(world: World, envelope: dict[str, Any]) -> None:
    assert ask({"action": "plus", "params": {"a": 1}, **envelope}, world) == 2
    assert ask({"action": "refuse", **envelope}, world) == {"result": None, "error": "not like this"}


def test_an_older_name_exists_in_its_versions_only(world: World) -> None:
    assert ask({"action": "oldPlus", "version": 4, "params": {"a": 1}}, world) == 2
    assert ask({"action": "oldPlus", "version": 5, "params": {"a": 1}}, world)["error"] == "unsupported action"


@pytest.mark.parametrize("request_", [{"action": "gone", "version": 6}, {"action": "plus", "version": 7}])
def test_an_action_outside_its_versions_is_unsupported(world: World, request_: dict[str, Any]) -> None:
    assert ask(request_, world) == {"result": None, "error": "unsupported action"}


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (1.2, "1.2 is not of type 'object'"),
        ([], "[] is not of type 'object'"),
        ({}, "'action' is a required property"),
        ({"action": 1}, "action: 1 is not of type 'string'"),
        ({"action": ""}, "action: '' should be non-empty"),
        ({"action": "plus", "version": "6"}, "version: '6' is not of type 'integer'"),
        ({"action": "plus", "params": []}, "params: [] is not of type 'object' or 'null'"),
        ({"action": "plus", "key": 5}, "key: 5 is not of type 'string' or 'null'"),
    ],
)
def test_a_broken_envelope_is_explained(world: World, message: Any, reason: str) -> None:
    assert ask(message, world) == {"result": None, "error": reason}


def test_no_params_and_unknown_members_are_fine(world: World) -> None:
    assert ask({"action": "gone", "version": 5, "params": None, "more": 1}, world)["result"] is True


def test_an_unexpected_error_is_answered_with_its_text_and_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    request = {"action": "fail", "version": 6, "params": {"text": "the text"}}
    assert ask(request, world) == {"result": None, "error": "the text"}
    assert "ValueError: the text" in caplog.text


def test_an_error_without_a_text_is_answered_with_its_name(world: World) -> None:
    assert ask({"action": "fail", "version": 6, "params": {"text": ""}}, world)["error"] == "ValueError"


class TestKeys:
    REFUSED = {"result": None, "error": "valid api key must be provided"}
    REQUEST = {"action": "plus", "version": 6, "params": {"a": 1}}

    def test_without_the_key_nothing_runs(self, world: World) -> None:
        assert ask(self.REQUEST, world, key="secret") == self.REFUSED
        assert ask({**self.REQUEST, "key": "wrong"}, world, key="secret") == self.REFUSED
        assert ask({"action": "nonsense"}, world, key="secret") == self.REFUSED

    def test_the_key_may_come_in_the_request_in_its_params_or_in_a_header(self, world: World) -> None:
        assert ask({**self.REQUEST, "key": "sécret"}, world, key="sécret")["result"] == 2
        in_params = {**self.REQUEST, "params": {"a": 1, "key": "secret"}}
        assert ask(in_params, world, key="secret")["result"] == 2
        assert ask(self.REQUEST, world, Caller(key="secret"), key="secret")["result"] == 2

    @pytest.mark.parametrize("none", [None, ""])
    def test_a_key_nobody_asked_for_does_no_harm(self, world: World, none: Optional[str]) -> None:
        request = {**self.REQUEST, "key": "x", "params": {"a": 1, "key": "y"}}
        assert ask(request, world, key=none)["result"] == 2
        assert ask(self.REQUEST, world, key=none)["result"] == 2

    def test_asking_for_permission_needs_no_key(self, world: World) -> None:
        assert ask({"action": "requestPermission"}, world, key="secret") == "asked"

    def test_members_of_multi_inherit_the_key_or_bring_their_own(self, world: World) -> None:
        request = {
            "action": "multi",
            "version": 6,
            "key": "secret",
            "params": {"actions": [self.REQUEST, {**self.REQUEST, "key": "wrong"}]},
        }
        assert ask(request, world, key="secret")["result"] == [{"result": 2, "error": None}, self.REFUSED]


class TestMulti:
    def test_each_member_has_its_own_version_and_error(self, world: World) -> None:
        members = [
            {"action": "plus", "params": {"a": 1}},
            {"action": "plus", "version": 6, "params": {"a": 2}},
            {"action": "nothing"},
            1,
            {"action": "multi", "params": {"actions": [{"action": "plus", "params": {"a": 3}}]}},
        ]
        reply = ask({"action": "multi", "version": 6, "params": {"actions": members}}, world)
        assert reply["result"] == [
            2,
            {"result": 3, "error": None},
            {"result": None, "error": "unsupported action"},
            {"result": None, "error": "1 is not of type 'object'"},
            [4],
        ]

    def test_eight_levels_are_run_and_nine_are_refused_with_a_reason(self, world: World) -> None:
        def nested(levels: int) -> dict[str, Any]:
            inner: dict[str, Any] = {"action": "plus", "params": {"a": 1}}
            for _ in range(levels):
                inner = {"action": "multi", "params": {"actions": [inner]}}
            return inner

        reply: Any = ask(nested(8), world)
        for _ in range(8):
            (reply,) = reply
        assert reply == 2
        assert "nested too deeply" in str(ask(nested(9), world))


class TestWaiting:
    def test_a_reply_comes_when_its_work_has_ended(self, world: World) -> None:
        reply = ask({"action": "wait", "version": 6}, world)
        assert isinstance(reply, Pending)
        assert not reply.is_done
        world.pending.settle("there")
        assert reply.result() == {"result": "there", "error": None}

    def test_work_that_fails_later_is_answered_with_its_reason(self, world: World) -> None:
        reply = ask({"action": "wait", "version": 6}, world)
        world.pending.fail(ApiError("too slow"))
        assert reply.result() == {"result": None, "error": "too slow"}

    def test_multi_waits_for_a_member_before_the_next(self, world: World) -> None:
        members = [{"action": "wait"}, {"action": "plus", "params": {"a": 1}}]
        reply = ask({"action": "multi", "version": 6, "params": {"actions": members}}, world)
        assert not reply.is_done
        world.pending.settle("first")
        assert reply.result()["result"] == ["first", 2]

    def test_an_action_waits_until_it_may_run(self, world: World) -> None:
        world.gate = Pending()
        reply = ask({"action": "plus", "version": 6, "params": {"a": 1}}, world)
        assert not reply.is_done
        world.gate.settle(None)
        assert reply.result() == {"result": 2, "error": None}


class TestTable:
    def test_two_actions_of_one_name_are_refused(self) -> None:
        with pytest.raises(ValueError, match="two actions are named plus"):
            ActionTable(rows(plus, plus))

    def test_names_are_those_of_the_version(self) -> None:
        table = ActionTable(rows(plus, gone))
        assert table.names() == ["plus"]
        assert table.names(4) == ["plus", "oldPlus", "gone"]

    def test_an_action_needs_a_docstring_and_hints(self) -> None:
        def undocumented() -> None: ...

        def untyped(a) -> None:  # type: ignore[no-untyped-def]
            """Do nothing."""

        for function, reason in ((undocumented, "docstring"), (untyped, "no type hint")):
            with pytest.raises(TypeError, match=reason):
                action(function)


class TestPending:
    def test_gather_settles_when_all_are(self) -> None:
        first: Pending[int] = Pending()
        second: Pending[int] = Pending()
        both = gather([first, second])
        first.settle(1)
        assert not both.is_done
        second.fail(ValueError())
        assert both.result() == [first, second]
        assert gather([]).is_done

    def test_the_end_of_a_coroutine_is_no_failure_to_what_is_around_it(self) -> None:
        seen: list[Optional[type]] = []

        class Around:
            def __enter__(self) -> None: ...

            def __exit__(self, kind: Optional[type], *_: object) -> None:
                seen.append(kind)

        async def work() -> int:
            return 5

        assert drive(work(), Around).result() == 5
        assert seen == [None]
