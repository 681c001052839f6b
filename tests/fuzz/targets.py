# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What is fuzzed without Anki: each target takes any bytes, and raises if the add-on does something wrong with them.

The ordinary tests give them bytes that hypothesis makes; scripts/fuzz.py gives them bytes by which more of the code
is reached, for as long as one likes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from addon import json_size
from addon.api.dispatch import Dispatcher
from addon.app import App
from addon.http.access import Access
from addon.http.limits import Limits
from addon.http.messages import Head
from addon.json_size import JsonSize
from addon.judge import Judge
from addon.settings import ENVIRONMENT, read_settings
from tests.fuzz.small_program import TABLE, SmallProgram
from tests.support.fed_connection import FedConnection

KEY = "a secret of many characters"
BODY = b'{"action":"plus","version":6,"params":{"a":1,"b":[2,{}]}}'


@dataclass(frozen=True)
class Target:
    """A way in, and what to begin with."""

    run: Callable[[bytes], None]
    #: Bytes that mean something; others are made of them.
    parts: tuple[bytes, ...]
    #: Whole inputs.
    seeds: tuple[bytes, ...] = ()


def numbers_in_front(data: bytes, count: int) -> tuple[bytes, bytes]:
    """The first bytes, which say how the rest is treated, and that rest."""
    return data[:count].ljust(count, b"\0"), data[count:]


# --- A connection: any bytes, cut anywhere.

_RULES = Access(["http://localhost"], ignored_origins=["https://ignored.example"], internal_port=4000)


def http(data: bytes) -> None:
    """A client's bytes are answered the same however they are cut, and nothing is kept that need not be."""
    how, stream = numbers_in_front(data, 5)
    ends = how[4] % 2 == 1
    cut = FedConnection(Judge(_RULES, KEY), write_size=1 + how[3])
    cut.feed_in_pieces(stream, [1 + size for size in how[:3]])
    by_byte = FedConnection(Judge(_RULES, KEY))
    by_byte.feed_in_pieces(stream, [1])
    for connection in (cut, by_byte):
        if ends:
            connection.end()
    assert [(r.method, r.target, r.headers, r.body) for r in cut.requests] == [
        (r.method, r.target, r.headers, r.body) for r in by_byte.requests
    ]
    assert cut.replies == by_byte.replies
    for request in cut.requests:
        assert request.verdict.host_allowed
        assert request.verdict.origin_allowed or len(request.body) <= 4096
    cut.close()
    by_byte.close()


# --- The whole way of a request: its bytes, its JSON, its action, its reply.

_HEADERS = (
    b"",
    b"Origin: http://localhost:3000\r\n",
    b"Origin: https://elsewhere.example\r\n",
    b"Origin: https://ignored.example\r\n",
    b"X-Api-Key: %s\r\n" % KEY.encode(),
    b"X-Api-Key: wrong\r\n",
    b"Sec-Fetch-Site: cross-site\r\n",
    b"Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Bearer %s\r\n" % KEY.encode(),
)
_LARGE = Limits(max_body_size=100_000, max_overhead=1_000_000, max_pipelined=100_000)


def app(data: bytes) -> None:
    """Any body gets one reply, which is JSON of the right form, and nothing unexpected is logged."""
    (choice, chunk), body = numbers_in_front(data, 2)
    program = SmallProgram()
    key = KEY if choice & 8 else None
    served = App(Judge(_RULES, key), Dispatcher(TABLE, program, key))
    connection = FedConnection(served.judge_head, served.handle, _LARGE)
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\n" + _HEADERS[choice % 8]
    if chunk:
        pieces = [body[start : start + chunk] for start in range(0, len(body), chunk)]
        framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        sent = head + b"Transfer-Encoding: chunked\r\n\r\n" + framed
    else:
        sent = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with no_surprises():
        connection.feed(sent)
        program.go_on()
        connection.feed(b"")
    check_reply(connection.output, body)
    assert not served.waiting
    connection.close()


def check_reply(output: bytes, body: bytes) -> None:
    """It is one whole HTTP reply; one of the API has a form that clients can read."""
    head, _, content = output.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    assert status in (200, 403), head
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    assert length == len(content)
    if status != 200:
        return
    reply = json.loads(content)
    version = version_of(body)
    if version is not None and version >= 5:
        assert set(reply) == {"result", "error"}
        assert reply["error"] is None or (reply["error"] and reply["result"] is None)


def version_of(body: bytes) -> Any:
    """The version that a request asks for, if it does."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    version = message.get("version") if isinstance(message, dict) else None
    return version if type(version) is int else None


@contextmanager
def no_surprises() -> Iterator[None]:
    """Fail if the add-on logs an error: what it did not expect, it logs."""
    surprises: list[logging.LogRecord] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = surprises.append  # type: ignore[method-assign, assignment]
    logger = logging.getLogger("addon")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
    assert not surprises, [logging.Formatter().format(record) for record in surprises]


# --- How much JSON holds, told before it is parsed.

_DEEPEST, _MOST = 8, 60


def size_of_json(data: bytes) -> None:
    """What is too deep or too much is told exactly then, however the text is cut."""
    sizes, text = numbers_in_front(data, 2)
    # A parser goes no further than to a backslash outside a string, and neither need we.
    values, depth, end = measured(text)
    text = text[:end]
    expected = depth > _DEEPEST or values > _MOST
    deepest, most = json_size.DEEPEST, json_size.MOST_VALUES
    json_size.DEEPEST, json_size.MOST_VALUES = _DEEPEST, _MOST
    try:
        for cut in ([1], [1 + size for size in sizes], [len(text) + 1]):
            assert is_too_much(text, cut) == expected, cut
    finally:
        json_size.DEEPEST, json_size.MOST_VALUES = deepest, most


def is_too_much(text: bytes, sizes: list[int]) -> bool:
    """Whether a text that comes in pieces of these sizes is refused."""
    size, place, number = JsonSize(), 0, 0
    while place < len(text):
        piece = text[place : place + sizes[number % len(sizes)]]
        if size.feed(piece) is not None:
            return True
        place, number = place + len(piece), number + 1
    return False


def measured(text: bytes) -> tuple[int, int, int]:
    """The plain way: how many values, how deep, and where a backslash stands outside a string, or the text ends."""
    values, depth, deepest, is_in_string, is_escaped = 1, 0, 0, False, False
    for place, byte in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif byte == ord("\\"):
            if not is_in_string:
                return values, deepest, place
            is_escaped = True
        elif byte == ord('"'):
            is_in_string = not is_in_string
        elif not is_in_string:
            values += byte in b"[{,"
            depth += (byte in b"[{") - (byte in b"]}")
            deepest = max(deepest, depth)
    return values, deepest, len(text)


# --- Settings, as a file or a variable may hold them.


def settings(data: bytes) -> None:
    """Any configuration gives settings that can be served with, and a key that is meant is never dropped."""
    text, *values = data.decode("utf-8", "surrogateescape").split("\n\n")
    try:
        config = json.loads(text)
    except (ValueError, RecursionError):
        config = None
    environ = dict(zip(ENVIRONMENT, values))
    reading = read_settings(config, environ)
    found = reading.settings
    for problem in reading.problems:
        assert problem.encode()
        assert len(problem) < 1200
    key = config.get("apiKey") if isinstance(config, dict) else "unknown"
    if environ.get("ANKICONNECT_API_KEY") or key not in (None, ""):
        assert found.apiKey
    access = Access(
        found.origins,
        ignored_origins=found.ignoreOriginList,
        bind_host=found.webBindAddress,
        hosts=found.webHostList,
        allow_card_scripts=found.allowCardScripts,
        internal_port=4000,
    )
    judge = Judge(access, found.apiKey)
    for host, origin, value in (("localhost", "https://a.example", "x"), (found.webBindAddress, "null", KEY)):
        headers = tuple(
            (name, text.encode("utf-8").decode("latin-1"))
            for name, text in (("host", host), ("origin", origin), ("x-api-key", value))
        )
        judge(Head("POST", "/", headers, "127.0.0.1", 1000))


_PARTS_OF_HTTP = (
    b"POST / HTTP/1.1\r\n",
    b"GET /?action=x HTTP/1.1\r\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"HEAD http://localhost/ HTTP/1.0\r\n",
    b"PUT / HTTP/1.1\r\n",
    b"Host: localhost\r\n",
    b"Host: elsewhere.example\r\n",
    b"Origin: https://elsewhere.example\r\n",
    b"Origin: http://127.0.0.1:4000\r\n",
    b"Origin: https://ignored.example\r\n",
    b"Sec-Fetch-Site: cross-site\r\n",
    b"Sec-Fetch-Mode: navigate\r\n",
    b"Access-Control-Request-Headers: authorization\r\n",
    b"Access-Control-Request-Private-Network: true\r\n",
    b"X-Api-Key: wrong\r\n",
    b"X-Api-Key: %s\r\n" % KEY.encode(),
    b"Authorization: Bearer x\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alive\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Length: %d\r\n" % len(BODY),
    b"Content-Length: 70000\r\n",
    b"Content-Length: 400\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\r\n",
    b"\n\n",
    b" folded\r\n",
    BODY,
    b"[" * 300,
    b"5\r\nhello\r\n",
    b"190\r\n" + b"x" * 400 + b"\r\n",
    b"1;e=f\r\nx\r\n",
    b"0\r\n\r\n",
    b"0\r\nA: b\r\n\r\n",
    b"ffffffff\r\n",
    b"\x16\x03\x01\x02\x00",
)
_POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
_REQUESTS = (
    _POST + b"Content-Length: 5\r\n\r\nhello",
    _POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    _POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    _POST + b"X-Api-Key: wrong\r\nContent-Length: 5\r\n\r\nhello",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n",
)
_PARTS_OF_MESSAGES = (
    *(b'"%s"' % word for word in b"action version params key actions plus echo multi notes take wait refuse".split()),
    *(b'{"action":"', b'","params":{', b'"version":6', b"[", b"]", b"{", b"}", b",", b":", b'"', b"null", b"true"),
    *(
        b"1e999",
        b"-0",
        b"1" * 400,
        b"NaN",
        b"Infinity",
        b"18446744073709551616",
        b"\\ud800",
        b"\\u0000",
        b"\xed\xa0\x80",
    ),
    *(b"\xef\xbb\xbf", b"[" * 300, b'{"a":' * 300, KEY.encode(), b"requestPermission", b"action=x&params=y"),
)
_MESSAGES = (
    BODY,
    b'{"action":"echo","version":6,"params":{"value":{"a":[1.5,"\\ud800",null]}}}',
    b'{"action":"multi","version":6,"params":{"actions":[{"action":"plus","params":{"a":"1"}},{"action":"wait"},5]}}',
    b'{"action":"notes","version":5,"params":{"notes":[{"fields":{"Front":"x"},"tags":["a"],"kind":"one"}]}}',
    b'{"action":"take","params":{"ids":[1,"2",3.0],"flag":1,"mode":"fast"},"key":"' + KEY.encode() + b'"}',
    b'{"action":"refuse","version":6}',
    b'{"action":"requestPermission"}',
    b"{1: 2}",
    b"action=x",
)
_PARTS_OF_SETTINGS = (
    *(b'"%s":' % name.encode() for name in ("apiKey", "apiLogPath", "webBindAddress", "webBindPort", "webBacklog")),
    *(b'"%s":' % name.encode() for name in ("webCorsOriginList", "webHostList", "ignoreOriginList", "webTimeout")),
    *(b'"%s":' % name.encode() for name in ("webMaxBodySize", "allowWebFileAccess", "apikey", "webCorsOrigin")),
    *(b"{", b"}", b",", b"[", b"]", b'"*"', b'"0.0.0.0"', b'"::1"', b'"\\ud800"', b'"\\u0000"', b"null", b'""', b'" "'),
    *(b"true", b"8765", b"-1", b"1e400", b"NaN", b"9" * 5000, b"\n\n", b"\xff", b'"[::1]:x"', b'"http://localhost/"'),
)
_CONFIGURATIONS = (
    b'{"apiKey":null,"webBindPort":8765,"webCorsOriginList":["http://localhost"]}\n\n0.0.0.0\n\n80\n\n*\n\nkey',
    b'{"apiKey":5,"webHostList":["a.example:8765","[::1]"],"ignoreOriginList":["https://a.example/"]}',
    b"[]",
)

TARGETS = {
    "http": Target(http, _PARTS_OF_HTTP, tuple(b"\x05\x11\x30\x40\1" + request * 2 for request in _REQUESTS)),
    "app": Target(app, _PARTS_OF_MESSAGES, tuple(bytes([n, n % 3]) + m for n, m in enumerate(_MESSAGES))),
    "size_of_json": Target(
        size_of_json,
        (
            b"[",
            b"]",
            b"{",
            b"}",
            b",",
            b'"',
            b"\\",
            b'\\"',
            b"\\\\",
            b"[]",
            b"{}",
            b'{"a":',
            b"1",
            b"[" * 9,
            b"1," * 60,
        ),
        (b'\2\3[[],{"a\\"[":[1,{}]},"\\\\"]', b"\0\1" + b"[" * 9 + b"]" * 9),
    ),
    "settings": Target(settings, _PARTS_OF_SETTINGS, _CONFIGURATIONS),
}
