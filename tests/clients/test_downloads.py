# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Downloads for the media folder, from a real web server on this computer."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.anki_output import tracebacks
from tests.support.anki_session import free_port
from tests.support.api_client import Api
from tests.support.client import basic
from tests.support.event_loop import start_in_background
from tests.support.file_server import FileServer
from tests.support.started_anki import CLOSING_SECONDS, started_anki
from tests.support.wire import Wire, post

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession

HEAD = b"HTTP/1.1 200 OK\r\n"
PAGE = "http://localhost:3000"
MEGABYTE = b"\0" * 2**20


def files(anki: AnkiSession) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(anki.col.media.dir()).iterdir()}


def store(filename: str, url: str, **more: Any) -> dict[str, Any]:
    return {"action": "storeMediaFile", "version": 6, "params": {"filename": filename, "url": url, **more}}


def error_of(api: Api, url: str) -> str:
    """Why a download failed, without the address it begins with."""
    error = api.error("storeMediaFile", filename="a", url=url)
    assert error.startswith(f"{url} download failed"), error
    return error[len(f"{url} download failed") :]


@pytest.fixture
def time_limit(anki: AnkiSession) -> Callable[[int], AbstractContextManager[None]]:
    """Sets webTimeout, in milliseconds, as the user does in Anki's config editor."""

    @contextmanager
    def limit(milliseconds: int) -> Iterator[None]:
        addons = anki.mw.addonManager
        (name,) = [name for name in addons.allAddons() if "ankiconnect" in name]
        config = addons.getConfig(name) or {}
        apply = addons.configUpdatedAction(name)
        apply({**config, "webTimeout": milliseconds})
        try:
            yield
        finally:
            apply(config)

    return limit


def test_what_is_at_an_address_is_stored(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    http_files.serve("/%E9%9F%B3.mp3?x=1", b"sound")
    assert api("storeMediaFile", filename="a.mp3", url=f"{http_files.url}/音.mp3?x=1#part") == "a.mp3"
    assert files(anki) == {"a.mp3": b"sound"}
    agent = http_files.request_headers[0]["User-Agent"]
    assert agent.startswith("Mozilla/5.0")
    assert "AnkiConnect" in agent


def test_content_that_is_to_be_skipped_is_not_stored(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    url = http_files.serve("/none.mp3", b"no such word")
    md5 = hashlib.md5(b"no such word").hexdigest()
    assert api("storeMediaFile", filename="a.mp3", url=url, skipHash=md5) is None
    assert files(anki) == {}


def test_compressed_content_is_unpacked(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    url = http_files.serve("/a", gzip.compress(b"text"), headers={"Content-Encoding": "gzip"})
    api("storeMediaFile", filename="a", url=url)
    assert files(anki) == {"a": b"text"}


def test_a_body_of_unknown_length_is_taken_to_its_end(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    def closing() -> Iterator[bytes]:
        yield HEAD + b"Connection: close\r\n\r\nso"
        yield b"und"

    def chunked() -> Iterator[bytes]:
        yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nso\r\n"
        yield b"3\r\nund\r\n0\r\n\r\n"

    api("storeMediaFile", filename="a", url=http_files.serve_raw("/a", closing))
    api("storeMediaFile", filename="b", url=http_files.serve_raw("/b", chunked))
    assert files(anki) == {"a": b"sound", "b": b"sound"}


@pytest.mark.parametrize("status", [204, 206, 304, 400, 401, 403, 404, 410, 429, 500, 503])
def test_the_status_of_a_refusal_is_told(api: Api, anki: AnkiSession, http_files: FileServer, status: int) -> None:
    url = http_files.serve("/a", status=status)
    error = api.error("storeMediaFile", filename="a", url=url)
    assert error == f"{url} download failed with return code {status}"
    assert files(anki) == {}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(api: Api, anki: AnkiSession, http_files: FileServer, status: int) -> None:
    http_files.serve("/x/c", b"sound")
    http_files.serve("/b", status=status, headers={"Location": "x/c"})
    url = http_files.serve("/a", status=status, headers={"Location": f"{http_files.url}/b"})
    api("storeMediaFile", filename="a", url=url)
    assert files(anki) == {"a": b"sound"}


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "gopher://127.0.0.1/"])
def test_a_redirect_leads_to_http_and_nothing_else(
    api: Api, anki: AnkiSession, http_files: FileServer, target: str
) -> None:
    url = http_files.serve("/a", status=302, headers={"Location": target})
    assert error_of(api, url) == ": it leads to an address that is neither http nor https"
    assert files(anki) == {}


def test_redirects_that_go_round_end(api: Api, http_files: FileServer) -> None:
    url = http_files.serve("/a", status=302, headers={"Location": "/a"})
    assert error_of(api, url) == ": more than 10 redirects"
    assert len(http_files.requests) == 11


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "/etc/passwd", "x", "C:\\x", "data:,x"])
def test_only_http_addresses_are_downloaded(api: Api, url: str) -> None:
    assert error_of(api, url) == ": only http and https addresses can be downloaded"


@pytest.mark.parametrize(
    "url", ["http://", "http://[", "http:///x", "http://.example.invalid/", "http://a b/", "http://127.0.0.1:99999/"]
)
def test_an_address_that_is_none_is_an_error(api: Api, url: str) -> None:
    assert error_of(api, url).startswith(": ")
    assert "Traceback" not in error_of(api, url)


def test_a_server_that_is_not_there_is_named(api: Api) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/a"
        assert error_of(api, url) == ": connection refused"
    assert error_of(api, "http://nowhere.invalid/a") == ": the host name could not be resolved"


def test_a_server_without_tls_is_no_https_server(api: Api, http_files: FileServer) -> None:
    url = http_files.serve("/a").replace("http:", "https:")
    assert error_of(api, url) == ": no secure connection could be made"


def test_half_a_file_is_not_taken_for_one(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    def short() -> Iterator[bytes]:
        yield HEAD + b"Content-Length: 10\r\n\r\nhalf"

    def short_chunk() -> Iterator[bytes]:
        yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf"

    def nothing() -> Iterator[bytes]:
        yield b""

    for number, script in enumerate((short, short_chunk, nothing)):
        assert "the connection ended early" in error_of(api, http_files.serve_raw(f"/{number}", script))
    assert files(anki) == {}


def test_what_is_no_http_is_an_error(api: Api, http_files: FileServer) -> None:
    def nonsense() -> Iterator[bytes]:
        yield b"SSH-2.0-x\r\n" * 10

    def bad_gzip() -> Iterator[bytes]:
        yield HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"

    assert error_of(api, http_files.serve_raw("/a", nonsense))
    assert error_of(api, http_files.serve_raw("/b", bad_gzip)) == ": its content could not be decoded"


def test_no_more_than_100_mb_are_taken(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield HEAD + b"Connection: close\r\n\r\n"
        while not http_files.pause(0):
            yield MEGABYTE
            sent += 1

    def announced() -> Iterator[bytes]:
        yield HEAD + b"Content-Length: 104857601\r\n\r\n"
        http_files.pause()

    def bomb() -> Iterator[bytes]:
        body = gzip.compress(MEGABYTE * 101, 9)
        yield HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    for number, script in enumerate((endless, announced, bomb)):
        assert error_of(api, http_files.serve_raw(f"/{number}", script)) == ": it is larger than 100 MB"
    assert sent < 120
    assert files(anki) == {}


# Time


def _silent(server: FileServer) -> Iterator[bytes]:
    server.pause()
    yield b""


def _stalled(server: FileServer) -> Iterator[bytes]:
    yield HEAD + b"Content-Length: 1000\r\n\r\nbegun"
    server.pause()


def _trickled_head(server: FileServer) -> Iterator[bytes]:
    yield HEAD
    while not server.pause(0.05):
        yield b"x"


def _trickled_body(server: FileServer) -> Iterator[bytes]:
    yield HEAD + b"Connection: close\r\n\r\n"
    while not server.pause(0.05):
        yield b"x"


@pytest.mark.parametrize("slow", [_silent, _stalled, _trickled_head, _trickled_body])
def test_the_time_limit_holds_for_the_whole_download(
    api: Api,
    anki: AnkiSession,
    http_files: FileServer,
    time_limit: Callable[[int], AbstractContextManager[None]],
    wait_until: Callable[..., None],
    slow: Callable[[FileServer], Iterator[bytes]],
) -> None:
    url = http_files.serve_raw("/a", lambda: slow(http_files))
    with time_limit(300):
        assert error_of(api, url) == ": timed out after 0.3 s"
    assert files(anki) == {}
    wait_until(lambda: not downloading())


def downloading() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ankiconnect")]


def test_others_are_served_while_servers_stall(
    api: Api, anki: AnkiSession, http_files: FileServer, wait_until: Callable[..., None], tmp_path: Path
) -> None:
    """More stalled downloads than run at once hold up neither Anki nor other requests."""
    url = http_files.serve_raw("/a", lambda: _stalled(http_files))
    (tmp_path / "f").write_bytes(b"file")
    stalled = [start_in_background(lambda: api._post(store("a", url))) for _ in range(50)]
    wait_until(lambda: http_files.at_once == 40)
    assert api("version") == 6
    assert api("createDeck", deck="x")
    big = base64.b64encode(MEGABYTE * 2).decode()
    assert api("storeMediaFile", filename="b", data=big) == "b"
    assert api("storeMediaFile", filename="c", path=str(tmp_path / "f")) == "c"
    assert api("getMediaFilesNames") == ["b", "c"]
    assert not any(future.done() for future in stalled)
    assert http_files.most_at_once == 40
    http_files.stop()
    wait_until(lambda: all(future.done() for future in stalled))
    assert set(files(anki)) == {"b", "c"}


def note_with(urls: list[str], front: str) -> dict[str, Any]:
    """A request to add a note with a sound from each of the addresses."""
    audio = [{"filename": f"{number}.mp3", "url": url, "fields": ["Back"]} for number, url in enumerate(urls)]
    return {"action": "addNote", "version": 6, "params": {"note": basic(front, audio=audio)}}


def test_the_sounds_of_one_note_are_downloaded_twenty_at_once(
    api: Api, anki: AnkiSession, http_files: FileServer
) -> None:
    gate = threading.Barrier(20)

    def together() -> Iterator[bytes]:
        gate.wait(20)
        yield HEAD + b"Content-Length: 2\r\n\r\nok"

    reply = api.request(note_with([http_files.serve_raw(f"/{n}", together) for n in range(60)], "many"))
    assert reply["error"] is None
    assert http_files.most_at_once == 20
    assert len(files(anki)) == 60


def test_one_note_with_stalled_sounds_holds_up_nobody(
    api: Api, anki: AnkiSession, http_files: FileServer, wait_until: Callable[..., None]
) -> None:
    stalled = http_files.serve_raw("/stalled", lambda: _stalled(http_files))
    sound = http_files.serve("/sound", b"sound")
    page = {"Origin": http_files.url}
    bodies = [json.dumps(note_with([stalled] * 60, str(number))).encode() for number in range(3)]
    waiting = [
        start_in_background(lambda body=body: api._exchange("POST", "/", body, page))  # type: ignore[misc]
        for body in bodies
    ]
    wait_until(lambda: http_files.at_once == 40)
    assert api("storeMediaFile", filename="by a program", url=sound) == "by a program"
    assert not any(future.done() for future in waiting)
    http_files.stop()
    wait_until(lambda: all(future.done() for future in waiting))


def test_all_downloads_of_a_request_have_an_end(
    api: Api,
    anki: AnkiSession,
    http_files: FileServer,
    time_limit: Callable[[int], AbstractContextManager[None]],
) -> None:
    """Each of them may take its time, but not one after another for ever."""
    stalled = http_files.serve_raw("/stalled", lambda: _stalled(http_files))
    with time_limit(200):
        reply = api.request(note_with([stalled] * 200, "endless"))
    field = anki.col.get_note(reply["result"])["Back"]
    assert field.count("timed out") + field.count("took too long together") == 200
    assert field.count("took too long together") > 0


def test_a_client_that_hangs_up_does_no_harm(
    api: Api, anki: AnkiSession, http_files: FileServer, wait_until: Callable[..., None]
) -> None:
    go = threading.Event()

    def waiting() -> Iterator[bytes]:
        go.wait(20)
        yield HEAD + b"Content-Length: 2\r\n\r\nok"

    body = json.dumps(store("a.mp3", http_files.serve_raw("/a", waiting))).encode()
    with socket.create_connection((api.host, api.port)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        wait_until(lambda: http_files.at_once == 1)
    assert api("version") == 6
    go.set()
    wait_until(lambda: files(anki) == {"a.mp3": b"ok"})
    assert api("storeMediaFile", filename="b", url=http_files.serve("/b", b"b")) == "b"


def test_clients_that_have_gone_give_their_places_to_those_who_are_there(
    api: Api,
    anki: AnkiSession,
    http_files: FileServer,
    time_limit: Callable[[int], AbstractContextManager[None]],
    wait_until: Callable[..., None],
) -> None:
    stalled = http_files.serve_raw("/stalled", lambda: _stalled(http_files))
    sound = http_files.serve("/sound", b"sound")
    with time_limit(600_000):
        with Wire(anki.port) as first, Wire(anki.port) as second:
            for wire, front in ((first, "one"), (second, "two")):
                wire.send(post(note_with([stalled] * 30, front)))
            wait_until(lambda: http_files.at_once == 40)
        assert api("storeMediaFile", filename="sound", url=sound) == "sound"
        wait_until(lambda: not downloading())
        assert api("version") == 6
    # What is given up is given up as a whole.
    assert anki.col.note_count() == 0
    assert set(files(anki)) == {"sound"}


def test_nothing_is_stored_in_a_profile_that_was_closed_meanwhile(
    api: Api, anki: AnkiSession, http_files: FileServer, wait_until: Callable[..., None]
) -> None:
    go = threading.Event()

    def waiting() -> Iterator[bytes]:
        go.wait(20)
        yield HEAD + b"Content-Length: 2\r\n\r\nok"

    reply = start_in_background(lambda: api._post(store("a.mp3", http_files.serve_raw("/a", waiting))))
    wait_until(lambda: http_files.at_once == 1)
    before = anki.mw.col
    anki.mw.unloadProfile(anki.mw.loadProfile)
    wait_until(lambda: anki.mw.col is not None and anki.mw.col is not before)
    go.set()
    wait_until(reply.done)
    assert reply.result()["error"] == "collection is not available"
    assert files(anki) == {}


# Web pages


def asked_by_page(api: Api, origin: str, url: str) -> Any:
    body = json.dumps(store("a", url)).encode()
    return json.loads(api.raw(body=body, headers={"Origin": origin}).body)


def test_a_web_page_may_not_read_servers_of_this_computer_through_anki(
    api: Api, anki: AnkiSession, http_files: FileServer
) -> None:
    url = http_files.serve("/a", b"secret")
    for address in (url, url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "[::ffff:127.0.0.1]")):
        error = asked_by_page(api, PAGE, address)["error"]
        assert "may not" in error or "could not be reached" in error, error
    assert http_files.requests == []
    assert files(anki) == {}


def test_a_redirect_of_a_public_server_leads_no_web_page_to_this_computer(
    api: Api, anki: AnkiSession, http_files: FileServer
) -> None:
    """The page's own server is allowed, and sends it on to another one."""
    with_secret = FileServer()
    try:
        secret = with_secret.serve("/secret", b"secret")
        url = http_files.serve("/a", status=302, headers={"Location": secret})
        assert "may not" in asked_by_page(api, http_files.url, url)["error"]
        assert with_secret.requests == []
    finally:
        with_secret.stop()
    assert files(anki) == {}


def test_a_web_page_cannot_tell_which_ports_are_open(api: Api, http_files: FileServer) -> None:
    is_open = http_files.serve("/a", b"secret")
    is_closed = f"http://127.0.0.1:{free_port()}/a"
    said = [asked_by_page(api, PAGE, url)["error"].replace(url, "") for url in (is_open, is_closed)]
    assert said[0] == said[1]


def test_a_web_page_does_not_reach_this_computer_through_a_proxy(
    api: Api, anki: AnkiSession, http_files: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = FileServer()
    try:
        url = secret.serve("/secret", b"secret")
        http_files.serve(url, b"secret")
        monkeypatch.setenv("http_proxy", http_files.url)
        monkeypatch.setenv("no_proxy", "")
        assert "may not" in asked_by_page(api, PAGE, url)["error"]
        assert (http_files.requests, secret.requests) == ([], [])
        assert api("storeMediaFile", filename="by a program", url=url) == "by a program"
        assert http_files.requests == [url]
    finally:
        secret.stop()


def test_passwords_of_the_user_are_not_sent(
    api: Api, http_files: FileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The library that downloads would take them from a file in the user's home."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\nmachine localhost login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    target = http_files.serve("/b", b"sound").replace("127.0.0.1", "localhost")
    url = http_files.serve("/a", status=302, headers={"Location": target})
    assert api("storeMediaFile", filename="a", url=url) == "a"
    assert http_files.requests == ["/a", "/b"]
    assert not [headers for headers in http_files.request_headers if "Authorization" in headers]


def test_a_password_in_an_address_is_for_its_server_only(api: Api, http_files: FileServer) -> None:
    other = http_files.serve("/c", b"sound").replace("127.0.0.1", "localhost")
    http_files.serve("/b", status=302, headers={"Location": other})
    url = http_files.serve("/a", status=302, headers={"Location": "/b"}).replace("//", "//me:secret@")
    assert api("storeMediaFile", filename="a", url=url) == "a"
    sent = [headers.get("Authorization") for headers in http_files.request_headers]
    basic = f"Basic {base64.b64encode(b'me:secret').decode()}"
    assert sent == [basic, basic, None]


def test_a_web_page_may_use_its_own_server(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    assert asked_by_page(api, http_files.url, http_files.serve("/a", b"own")) == {"result": "a", "error": None}
    assert files(anki) == {"a": b"own"}


@pytest.mark.parametrize("origin", [PAGE, "chrome-extension://abc"])
def test_reaching_into_the_network_is_a_permission_of_its_own(
    api: Api, http_files: FileServer, settings: AddonSettings, origin: str
) -> None:
    url = http_files.serve("/a", b"audio")
    settings(allowWebFileAccess=True)
    assert "may not" in asked_by_page(api, origin, url)["error"]
    settings(allowWebFileAccess=False, allowWebPrivateAddresses=True)
    assert asked_by_page(api, origin, url) == {"result": "a", "error": None}


@pytest.mark.parametrize("origin", [{}, {"Origin": "app://obsidian.md"}])
def test_programs_may_use_servers_of_this_computer(api: Api, http_files: FileServer, origin: dict[str, str]) -> None:
    body = json.dumps(store("a", http_files.serve("/a", b"audio"))).encode()
    assert json.loads(api.raw(body=body, headers=origin).body) == {"result": "a", "error": None}


# Closing Anki


def test_anki_closes_at_once_while_downloads_stall(addon_file: Path, tmp_path: Path, http_files: FileServer) -> None:
    """With a time limit of an hour: waiting for the downloads would never end."""
    base, port = tmp_path / "base", free_port()
    settings = base / "addons21" / "ankiconnect" / "meta.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"config": {"webTimeout": 3_600_000}}))
    url = http_files.serve_raw("/a", lambda: _stalled(http_files))
    silent = http_files.serve_raw("/b", lambda: _silent(http_files))
    with started_anki(base, addon_file, port) as process:
        api = Api(f"http://127.0.0.1:{port}")
        api._post({"action": "storeMediaFile", "params": {"filename": "old", "data": "b2xk"}})
        for number in range(8):
            request = store("old", url if number % 2 else silent)
            Thread(target=suppressing(partial(api._post, request)), daemon=True).start()
        assert http_files.wait_for(lambda: http_files.at_once == 8)
        process.terminate()
        output, _ = process.communicate(timeout=CLOSING_SECONDS)
    assert process.returncode == 0
    assert not tracebacks(output), output
    profile = base / "User 1"
    assert [path.name for path in (profile / "collection.media").iterdir()] == ["old"]
    assert (profile / "collection.media" / "old").read_bytes() == b"old"
    assert list(profile.glob("*.tmp")) == []


def suppressing(function: Callable[[], object]) -> Callable[[], None]:
    """A client that does not mind that Anki closes."""

    def run() -> None:
        with suppress(OSError, HTTPException):
            function()

    return run
