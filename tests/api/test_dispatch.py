# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One request object in, one reply out: versions, keys, errors, multi, waiting."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Optional

import pytest

from addon.api import action as actions
from addon.api.action import Action, ActionTable, action
from addon.api.caller import Caller
from addon.api.dispatch import Call, Dispatcher
from addon.api.envelope import read_envelope
from addon.api.pending import Pending, drive, gather, in_slices
from addon.errors import ApiError, InvalidRequest


class World:
    """What a test's actions ask for."""

    def __init__(self) -> None:
        self.pending: Pending[str] = Pending()
        self.gate: Optional[Pending[None]] = None
        self.closed = False
        self.turns_end = False
        self.pauses: list[Pending[None]] = []


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
def end(how: str) -> None:
    """Raise what would end Python."""
    if how == "argparse":
        argparse.ArgumentParser(prog="action").parse_args(["--unknown"])
    raise {"exit": SystemExit(), "text": SystemExit("no such file"), "interrupt": KeyboardInterrupt()}[how]


@action
async def endLater(world: World, /, how: str) -> None:
    """Raise it after a wait."""
    await world.pending
    end(how)


@action
def refuse() -> None:
    """Raise an error clients are meant to see."""
    raise ApiError("not like this")


@action
async def wait(world: World, /) -> str:
    """Wait for the world."""
    return await world.pending


@action
async def multi(call: Call, /, actions: list[Any]) -> list[Any]:
    """Run several requests."""
    return [await call.answer_member(member) for member in actions]


@action
def count(ids: list[int]) -> int:
    """Count ids."""
    return len(ids)


@action
def requestPermission() -> str:
    """Need no key."""
    return "asked"


def rows(*functions: Any) -> list[Action]:
    return [getattr(function, actions._RECORD) for function in functions]


class TestTurns:
    """Every turn is over at once, if the world says so."""

    __test__ = False

    def __init__(self, world: World) -> None:
        self.world = world

    async def pause(self) -> bool:
        if self.world.turns_end:
            self.world.pauses.append(Pending())
            await self.world.pauses[-1]
        return self.world.turns_end


class TestProgram:
    """Implements `Program` for a `World`."""

    __test__ = False

    def __init__(self, world: World) -> None:
        self.world = world

    def provide(self, action: Action, call: Call) -> object:
        return call if action.takes is Call else self.world

    async def entered(self, action: Action, call: Call) -> None:
        if self.world.closed:
            raise ApiError("closed")
        if self.world.gate is not None:
            await self.world.gate

    def turns(self) -> TestTurns:
        return TestTurns(self.world)

    def step(self, action: Action, call: Call) -> AbstractContextManager[None]:
        return nullcontext()

    def reason(self, error: BaseException) -> Optional[str]:
        return None


@pytest.fixture
def world() -> World:
    return World()


def dispatcher(world: World, key: Optional[str] = None) -> Dispatcher:
    table = ActionTable(rows(plus, gone, fail, end, endLater, refuse, wait, multi, count, requestPermission))
    return Dispatcher(table, TestProgram(world), key)


def pending(message: Any, world: World) -> Pending[Any]:
    return dispatcher(world).answer(message, Caller())


def ask(message: Any, world: World, caller: Optional[Caller] = None, key: Optional[str] = None) -> Any:
    return dispatcher(world, key).answer(message, caller or Caller()).result()


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


def test_an_action_outside_its_versions_is_unsupported(world: World) -> None:
    assert ask({"action": "gone", "version": 6}, world) == {"result": None, "error": "unsupported action"}


@pytest.mark.parametrize("version", [7, 100, 2**70, 10**900], ids=["7", "100", "64 bits", "901 digits"])
def test_a_later_version_is_answered_as_the_newest(world: World, version: int) -> None:
    request = {"action": "plus", "version": version, "params": {"a": 1}}
    assert ask(request, world) == {"result": 2, "error": None}


@pytest.mark.parametrize(("version", "shown"), [(0, "0"), (-3, "-3"), (6.0, "6.0"), (float("nan"), "NaN")])
def test_a_version_that_is_none_is_answered_with_what_to_send(world: World, version: Any, shown: str) -> None:
    reason = f'version: {shown} is none; send a whole number from 1 to 6, such as "version": 6'
    assert ask({"action": "plus", "version": version}, world) == {"result": None, "error": reason}


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (1.2, "1.2 is not of type 'object'"),
        ([], "[] is not of type 'object'"),
        ({}, "'action' is a required property"),
        ({"action": 1}, "action: 1 is not of type 'string'"),
        ({"action": ""}, "action: '' should be non-empty"),
        (None, "null is not of type 'object'"),
        ("x", "'x' is not of type 'object'"),
        (["x", None], "[\"x\", null] is not of type 'object'"),
        ({"action": None}, "action: null is not of type 'string'"),
        ({"action": 10**900}, "action: a number of very many digits is not of type 'string'"),
        ({"action": "plus", "version": "6"}, "version: '6' is not of type 'integer' or 'null'"),
        ({"action": "plus", "version": True}, "version: true is not of type 'integer' or 'null'"),
        ({"action": "plus", "params": []}, "params: [] is not of type 'object' or 'null'"),
    ],
)
def test_a_broken_envelope_is_explained(world: World, message: Any, reason: str) -> None:
    assert ask(message, world) == {"result": None, "error": reason}


def reason_against(message: Any) -> Optional[str]:
    """Why this is no envelope; None if it is one."""
    try:
        read_envelope(message)
    except InvalidRequest as error:
        return str(error)
    return None


ANY_JSON = [None, True, False, 0, 5, -3, 10**900, 1.5, "", "x", [], [1], {}, {"a": 1}]
RIGHT = {"action": "version", "version": 6, "params": {}, "key": None}


@pytest.mark.parametrize("value", ANY_JSON, ids=[str(value)[:12] for value in ANY_JSON])
@pytest.mark.parametrize("member", list(RIGHT))
@pytest.mark.parametrize("beside", [RIGHT, {"action": "gone"}, {**RIGHT, "version": 0}])
def test_a_member_of_any_type_is_read_or_explained_by_its_name(beside: Any, member: str, value: Any) -> None:
    message = {**beside, member: value}
    reason = reason_against(message)
    assert reason is None or reason.startswith((f"{member}: ", "version: "))


@pytest.mark.parametrize(
    ("params", "shown"), [([1], "[1]"), ("x", "'x'"), (5, "5"), (True, "true"), ([], "[]"), (1.5, "1.5")]
)
@pytest.mark.parametrize("version", [None, 0, 4, 6])
def test_params_that_are_no_object_are_explained_at_any_version(
    world: World, version: Any, params: Any, shown: str
) -> None:
    reply = ask({"action": "plus", "version": version, "params": params}, world)
    assert reply == {"result": None, "error": f"params: {shown} is not of type 'object' or 'null'"}


def test_no_params_and_unknown_members_are_fine(world: World) -> None:
    assert ask({"action": "gone", "version": 5, "params": None, "more": 1}, world)["result"] is True
    assert ask({"action": "gone", "version": None}, world) is True


class TestStrayParameters:
    ADVICE = '"a" stands beside "action", but parameters belong in "params": {"params": {"a": …}}'

    def test_the_error_about_a_missing_one_says_where_it_stands(self, world: World) -> None:
        reply = ask({"action": "plus", "version": 6, "a": 5}, world)
        assert reply["error"] == f"missing required param: a: {self.ADVICE}"
        assert ask({"action": "plus", "version": 6, "c": 5}, world)["error"] == "missing required param: a"

    def test_the_log_names_one_that_can_be_left_out_but_once(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        dispatcher_ = dispatcher(world)
        for _ in range(3):
            reply = dispatcher_.answer({"action": "plus", "version": 6, "params": {"a": 1}, "b": 5}, Caller())
            assert reply.result() == {"result": 2, "error": None}
        [record] = caplog.records
        assert record.getMessage().startswith('a client called plus without its parameter "b": "b" stands beside')

    def test_one_that_is_in_params_too_is_no_stray(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        assert ask({"action": "plus", "params": {"a": 1, "b": 2}, "b": 5}, world) == 3
        assert not caplog.records


def test_an_unexpected_error_is_answered_with_its_text_and_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    request = {"action": "fail", "version": 6, "params": {"text": "the text"}}
    assert ask(request, world) == {"result": None, "error": "the text"}
    assert "ValueError: the text" in caplog.text


def test_an_error_without_a_text_is_answered_with_its_name(world: World) -> None:
    assert ask({"action": "fail", "version": 6, "params": {"text": ""}}, world)["error"] == "ValueError"


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("argparse", "SystemExit: 2"),
        ("exit", "SystemExit"),
        ("text", "SystemExit: no such file"),
        ("interrupt", "KeyboardInterrupt"),
    ],
)
class TestWhatWouldEndPython:
    def test_raised_by_an_action_it_is_an_error_like_others(
        self, world: World, caplog: pytest.LogCaptureFixture, how: str, told: str
    ) -> None:
        assert ask({"action": "end", "version": 6, "params": {"how": how}}, world)["error"] == told
        assert told.partition(":")[0] in caplog.text

    def test_raised_after_a_wait_it_is_one_too(
        self, world: World, caplog: pytest.LogCaptureFixture, how: str, told: str
    ) -> None:
        reply = pending({"action": "endLater", "version": 6, "params": {"how": how}}, world)
        world.pending.settle("")
        assert reply.result() == {"result": None, "error": told}
        assert told.partition(":")[0] in caplog.text


class TestKeys:
    REFUSED = {"result": None, "error": "valid api key must be provided"}
    REQUEST = {"action": "plus", "version": 6, "params": {"a": 1}}

    def test_without_the_key_nothing_runs(self, world: World) -> None:
        assert ask(self.REQUEST, world, key="secret") == self.REFUSED
        assert ask({**self.REQUEST, "key": "wrong"}, world, key="secret") == self.REFUSED
        assert ask({"action": "nonsense"}, world, key="secret") == self.REFUSED

    @pytest.mark.parametrize(
        "message",
        [
            "S3CRET-of-the-user",
            ["S3CRET-of-the-user", ["S3CRET-of-the-user"]],
            [{"S3CRET-of-the-user": 1}],
            {"action": "plus", "version": "S3CRET-of-the-user"},
            {"action": ["S3CRET-of-the-user"]},
            {"action": "plus", "params": ["S3CRET-of-the-user"]},
            {"action": "plus", "params": {"S3CRET-of-the-user": 1, "key": "S3CRET-of-the-user"}},
            {"action": "plus", "params": {"a": "S3CRET-of-the-user", "key": "S3CRET-of-the-user"}},
            {"action": "fail", "params": {"text": "S3CRET-of-the-user", "key": "S3CRET-of-the-user"}},
            {"action": "requestPermission", "params": {"S3CRET-of-the-user": 1}},
        ],
    )
    def test_the_key_does_not_come_back_wherever_it_stands(self, world: World, message: Any) -> None:
        reply = ask(message, world, key="S3CRET-of-the-user")
        assert reply["error"]
        assert "S3CRET" not in reply["error"]

    @pytest.mark.parametrize("version", ["S3CRET-of-the-user", "another-of-its-size"])
    def test_who_has_no_key_cannot_tell_it_from_others_by_an_error(self, world: World, version: str) -> None:
        error = "version: … is not of type 'integer' or 'null'"
        assert ask({"action": "plus", "version": version}, world, key="S3CRET-of-the-user")["error"] == error
        message = {"action": "requestPermission", "params": {version: 1}}
        error = "requestPermission() got an unexpected keyword argument"
        assert ask(message, world, key="S3CRET-of-the-user")["error"] == error

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

    @pytest.mark.parametrize("other", [1234, 0, False, True, 1.5, [], ["secret"], {"secret": "secret"}, ""])
    def test_one_that_is_no_text_is_a_wrong_key_and_ignored_where_none_is_needed(
        self, world: World, other: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        outside = {**self.REQUEST, "key": other}
        inside = {**self.REQUEST, "params": {"a": 1, "key": other}}
        for request in (outside, inside):
            assert ask(request, world, key="secret") == self.REFUSED
            assert ask(request, world, Caller(key="secret"), key="secret") == self.REFUSED
            assert ask(request, world, key=None)["result"] == 2
        members = {"action": "multi", "version": 6, "key": "secret", "params": {"actions": [outside, inside]}}
        assert ask(members, world, key="secret")["result"] == [self.REFUSED, self.REFUSED]
        assert not caplog.records

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
        reply = pending({"action": "wait", "version": 6}, world)
        assert not reply.is_done
        world.pending.settle("there")
        assert reply.result() == {"result": "there", "error": None}

    def test_work_that_fails_later_is_answered_with_its_reason(self, world: World) -> None:
        reply = pending({"action": "wait", "version": 6}, world)
        world.pending.fail(ApiError("too slow"))
        assert reply.result() == {"result": None, "error": "too slow"}

    def test_multi_waits_for_a_member_before_the_next(self, world: World) -> None:
        members = [{"action": "wait"}, {"action": "plus", "params": {"a": 1}}]
        reply = pending({"action": "multi", "version": 6, "params": {"actions": members}}, world)
        assert not reply.is_done
        world.pending.settle("first")
        assert reply.result()["result"] == ["first", 2]

    def test_an_action_waits_until_it_may_run(self, world: World) -> None:
        world.gate = Pending()
        reply = pending({"action": "plus", "version": 6, "params": {"a": 1}}, world)
        assert not reply.is_done
        world.gate.settle(None)
        assert reply.result() == {"result": 2, "error": None}


class TestManyMembers:
    """Lists that take long to check are checked in turns."""

    def test_others_have_their_turns_meanwhile(self, world: World) -> None:
        world.turns_end = True
        reply = pending({"action": "count", "version": 6, "params": {"ids": list(range(5000))}}, world)
        assert not reply.is_done
        while not reply.is_done:
            world.pauses.pop().settle(None)
        assert reply.result() == {"result": 5000, "error": None}

    def test_it_ends_where_the_program_says_so_meanwhile(self, world: World) -> None:
        world.turns_end = True
        reply = pending({"action": "count", "version": 6, "params": {"ids": list(range(5000))}}, world)
        world.closed = True
        world.pauses.pop().settle(None)
        assert reply.result() == {"result": None, "error": "closed"}

    def test_without_need_the_reply_is_there_at_once(self, world: World) -> None:
        ids: list[Any] = [*range(5000), "5000"]
        assert ask({"action": "count", "params": {"ids": ids}}, world) == 5001

    def test_the_wrong_one_is_named_by_its_index(self, world: World) -> None:
        reply = ask({"action": "count", "params": {"ids": [*range(5000), "x"]}}, world)
        assert reply["error"] == "ids[5000]: 'x' is not of type 'integer'"

    def test_another_parameter_may_be_missing_or_unknown(self, world: World) -> None:
        many = list(range(5000))
        assert ask({"action": "plus", "params": {"b": 1, "c": many}}, world)["error"].endswith("argument 'c'")
        assert ask({"action": "plus", "params": {"a": many}}, world)["error"].startswith("a: [0, 1, 2, 3, 4, …] is not")


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

        async def entered() -> None: ...

        async def action() -> int:
            return await in_slices(work(), entered, Around)

        assert drive(action()).result() == 5
        assert seen == [None]
