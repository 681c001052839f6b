# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Web pages in a real browser: what allowed ones can do, and foreign ones cannot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.browser import Browser, find_chromium

DECKS = json.dumps({"action": "deckNames", "version": 6})
CREATE = json.dumps({"action": "createDeck", "version": 6, "params": {"deck": "from a page"}})
JSON = {"Content-Type": "application/json"}
#: What a script sees of any reply it may not read.
HIDDEN = {"error": "TypeError: Failed to fetch"}
FOREIGN = "evil.test"

Fetch = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, with its own profile."""
    program = find_chromium()
    if program is None:
        pytest.skip("there is no Chromium here; as root, --install-system-packages installs it")
    chromium = Browser(program, tmp_path_factory.mktemp("chromium"))
    yield chromium
    chromium.stop()


@pytest.fixture
def fetch(anki: AnkiSession, browser: Browser, in_background: Callable[..., Any]) -> Fetch:
    """What a page of that host gets for these calls of the API."""

    def run(page: str, *calls: Mapping[str, Any], api_host: str = "127.0.0.1") -> list[dict[str, Any]]:
        address = f"http://{api_host}:{anki.port}/"
        complete = [(address, {"method": "POST", **call}) for call in calls]
        return in_background(lambda: browser.fetch(page, *complete))  # type: ignore[no-any-return]

    return run


def results(replies: list[dict[str, Any]]) -> list[Any]:
    """The results that a page could read."""
    return [json.loads(reply["text"])["result"] for reply in replies]


@pytest.mark.parametrize("page", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("api_host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_page_of_this_computer_reads_and_writes(fetch: Fetch, page: str, api_host: str) -> None:
    first, created, last = results(fetch(page, {"body": DECKS}, {"body": CREATE}, {"body": DECKS}, api_host=api_host))
    assert first == ["Default"]
    assert created > 1
    assert last == ["Default", "from a page"]


@pytest.mark.parametrize(
    "headers",
    [
        JSON,
        {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"},
        # yanki sends a reply's header with its requests.
        {**JSON, "Access-Control-Allow-Origin": "*"},
        {**JSON, "X-Api-Key": "any"},
        {**JSON, "Authorization": "Bearer any"},
    ],
    ids=["JSON", "charset", "yanki", "key", "bearer"],
)
def test_headers_that_need_a_preflight_pass(fetch: Fetch, headers: dict[str, str]) -> None:
    assert results(fetch("localhost", {"body": DECKS, "headers": headers})) == [["Default"]]


def test_a_page_is_greeted_and_may_bring_its_key(fetch: Fetch, settings: AddonSettings) -> None:
    settings(apiKey="secret")
    greeting, refused, answered = fetch(
        "localhost",
        {"method": "GET"},
        {"body": DECKS},
        {"body": DECKS, "headers": {"Authorization": "Bearer secret"}},
    )
    assert json.loads(greeting["text"]) == {"apiVersion": "AnkiConnect v.6"}
    assert json.loads(refused["text"])["error"] == "valid api key must be provided"
    assert json.loads(answered["text"])["result"] == ["Default"]


@pytest.mark.parametrize(
    "call",
    [
        {"body": CREATE},
        {"body": CREATE, "headers": JSON},
        {"body": CREATE, "mode": "no-cors"},
        {"body": CREATE, "mode": "no-cors", "credentials": "include"},
        {"body": CREATE, "keepalive": True},
    ],
    ids=["plain", "preflight", "no-cors", "credentials", "keepalive"],
)
def test_a_foreign_page_reads_nothing_and_changes_nothing(fetch: Fetch, api: Api, call: dict[str, Any]) -> None:
    [reply] = fetch(FOREIGN, call)
    assert reply in (HIDDEN, {"type": "opaque", "status": 0, "text": ""})
    assert api("deckNames") == ["Default"]


def test_a_foreign_page_is_not_even_greeted(fetch: Fetch) -> None:
    assert fetch(FOREIGN, {"method": "GET"}) == [HIDDEN]


def test_a_foreign_page_that_the_user_listed_is_served(fetch: Fetch, browser: Browser, settings: AddonSettings) -> None:
    settings(webCorsOriginList=[f"http://{FOREIGN}:{browser.page_port}"])
    assert results(fetch(FOREIGN, {"body": DECKS, "headers": JSON})) == [["Default"]]


def test_a_name_rebound_to_this_computer_is_refused(
    fetch: Fetch, browser: Browser, api: Api, settings: AddonSettings
) -> None:
    # Even with every origin allowed: the name in `Host` gives it away.
    settings(webCorsOriginList=["*"])
    assert fetch(FOREIGN, {"body": CREATE}, api_host=FOREIGN) == [HIDDEN]
    assert api("deckNames") == ["Default"]
    settings(webHostList=[FOREIGN])
    assert results(fetch(FOREIGN, {"body": DECKS}, api_host=FOREIGN)) == [["Default"]]


def test_a_page_may_not_read_files_of_the_computer(
    fetch: Fetch, api: Api, tmp_path: Any, settings: AddonSettings
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("private")
    medium = {"filename": "stolen.txt", "path": str(secret)}
    call = {"body": json.dumps({"action": "storeMediaFile", "version": 6, "params": medium})}
    [reply] = fetch("localhost", call)
    assert json.loads(reply["text"])["error"].startswith(
        "path: a web page, browser extension or other computer may not name files"
    )
    assert api("getMediaFilesNames", pattern="stolen*") == []
    settings(allowWebFileAccess=True)
    assert results(fetch("localhost", call)) == ["stolen.txt"]
