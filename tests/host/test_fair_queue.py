# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Callers and requests have their turns, each only so many at once."""

from __future__ import annotations

from addon.host.fair_queue import FairQueue, Place

HERS, HIS = Place("her", 1), Place("him", 2)


def filled(queue: FairQueue[str], *items: tuple[Place, str]) -> FairQueue[str]:
    for place, item in items:
        queue.put(place, item)
    return queue


def all_taken(queue: FairQueue[str]) -> list[str]:
    """What can be taken without anything ending."""
    taken = []
    while (next_one := queue.take()) is not None:
        taken.append(next_one[1])
    return taken


def test_callers_have_their_turns() -> None:
    queue = filled(FairQueue(9, 9, 9), (HERS, "a"), (HERS, "b"), (HERS, "c"), (HIS, "x"), (HIS, "y"))
    assert all_taken(queue) == ["a", "x", "b", "y", "c"]
    assert (queue.waiting, queue.taken) == (0, 5)


def test_requests_of_a_caller_have_their_turns() -> None:
    later = Place("her", 3)
    queue = filled(FairQueue(9, 9, 9), (HERS, "a"), (HERS, "b"), (later, "c"), (HIS, "x"))
    assert all_taken(queue) == ["a", "x", "c", "b"]


def test_a_request_has_only_so_many_at_once() -> None:
    queue = filled(FairQueue(9, 9, 2), (HERS, "a"), (HERS, "b"), (HERS, "c"), (Place("her", 3), "d"))
    assert all_taken(queue) == ["a", "d", "b"]
    queue.end(HERS)
    assert all_taken(queue) == ["c"]


def test_a_caller_has_only_so_many_at_once() -> None:
    requests = [(Place("her", number), str(number)) for number in range(5)]
    queue = filled(FairQueue(9, 2, 9), *requests, (HIS, "x"))
    assert all_taken(queue) == ["0", "x", "1"]
    queue.end(requests[0][0])
    assert all_taken(queue) == ["2"]


def test_there_are_only_so_many_in_all() -> None:
    queue = filled(FairQueue(2, 9, 9), (HERS, "a"), (HERS, "b"), (HIS, "x"))
    assert all_taken(queue) == ["a", "x"]
    queue.end(HIS)
    assert all_taken(queue) == ["b"]


def test_nothing_is_remembered_of_what_has_ended() -> None:
    queue = filled(FairQueue(9, 9, 9), (HERS, "a"), (HIS, "x"))
    all_taken(queue)
    queue.end(HERS)
    queue.end(HIS)
    queue.put(HERS, "b")
    queue.clear()
    assert (queue.waiting, queue.taken) == (0, 0)
    assert queue.take() is None


def gone(caller: str, request: int) -> Place:
    return Place(caller, request, lambda: True)


def test_whose_client_has_hung_up_comes_last() -> None:
    left = gone("her", 3)
    queue = filled(FairQueue(9, 9, 9), (left, "a"), (HERS, "b"), (left, "c"), (HIS, "x"), (HIS, "y"))
    assert all_taken(queue) == ["b", "x", "y", "a", "c"]


def test_places_of_those_who_have_hung_up_are_awaited_if_others_could_begin() -> None:
    left, other = gone("her", 3), gone("them", 4)
    queue = filled(FairQueue(4, 3, 2), (left, "a"), (left, "b"), (left, "c"), (HERS, "d"))
    assert all_taken(queue) == ["d", "a", "b"]
    # What waits is of the same client.
    assert queue.find_awaited() == set()
    queue.put(HERS, "e")
    queue.put(HERS, "f")
    assert all_taken(queue) == []
    # As many of her caller as may be.
    assert queue.find_awaited() == {left}
    queue.put(other, "x")
    assert all_taken(queue) == ["x"]
    assert queue.find_awaited() == {left, other}
    queue.end(left)
    queue.end(left)
    assert all_taken(queue) == ["e", "c"]
    # Her request has as many as may be.
    assert queue.find_awaited() == set()


def test_nobody_who_is_still_there_gives_a_place_up() -> None:
    queue = filled(FairQueue(2, 9, 9), (HERS, "a"), (HERS, "b"), (HIS, "x"))
    assert len(all_taken(queue)) == 2
    assert queue.find_awaited() == set()
