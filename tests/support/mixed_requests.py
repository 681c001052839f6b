# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Requests of every kind, good and bad, sent as fast as they are answered.

Run as a program, so that it has a processor of its own: ``python mixed_requests.py PORT COUNT``. It sends them over and
over, from several connections that are given up now and then, some of them in the middle of a request or a reply. It
prints how many replies there were of each status, and how many results and errors.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections import Counter
from threading import Thread

CONNECTIONS = 8
#: Sent at once on one connection; then so many replies are read.
PIPELINED = 40


def send_mixed(port: int, count: int) -> Counter[str]:
    """Send about so many; how many replies there were of each kind."""
    command = [sys.executable, __file__, str(port), str(count)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=3600)
    assert ended.returncode == 0, ended.stderr
    return Counter(json.loads(ended.stdout))


def bodies() -> list[bytes]:
    """What is asked of the API; the first makes what others need."""
    note = {"deckName": "Default", "modelName": "Basic", "fields": {"Front": "mixed", "Back": "b"}}
    picture = {"filename": "mixed.png", "data": "QUJD" * 3000, "fields": ["Back"]}
    calls: list[tuple[str, object]] = [
        ("addNote", {"note": note}),
        ("version", {}),
        ("deckNames", {}),
        ("modelNamesAndIds", {}),
        ("findNotes", {"query": "deck:Default"}),
        ("findCards", {"query": "front:mix*"}),
        ("notesInfo", {"query": "front:mixed"}),
        ("notesInfo", {"notes": [1, 2, 3]}),
        ("addNote", {"note": {**note, "picture": [picture]}}),
        ("canAddNotesWithErrorDetail", {"notes": [note, {}, 5]}),
        ("storeMediaFile", {"filename": "mixed.png", "data": "QUJD" * 3000}),
        ("retrieveMediaFile", {"filename": "mixed.png"}),
        ("storeMediaFile", {"filename": "../x", "path": "/does/not/exist"}),
        ("createDeck", {"deck": "mixed::deck"}),
        ("deleteDecks", {"decks": ["mixed::deck"], "cardsToo": True}),
        ("getDeckConfig", {"deck": "Default"}),
        ("updateNoteFields", {"note": {"id": 5, "fields": {"Front": "x"}}}),
        ("nope", {}),
        ("findNotes", {"query": "(" * 50}),
        ("findNotes", {"nothing": True}),
        ("multi", {"actions": [{"action": "deckNames"}, 5, {"action": "nope"}, {"action": "version", "version": 6}]}),
    ]
    requests = [json.dumps({"action": name, "version": 6, "params": params}).encode() for name, params in calls]
    return [*requests, b"", b"{", b"[]", b"\xff", b'{"action": 5}', b'"' + b"x" * 20_000 + b'"']


def wire_requests() -> list[bytes]:
    """All of them as bytes, among them what is refused before it is read; none of them ends the connection."""
    heads = [b"Origin: http://localhost", b"Origin: chrome-extension://abc", b"Content-Type: application/json"]
    requests = [_request(body, heads[number % 3]) for number, body in enumerate(bodies())]
    question = json.dumps({"action": "deckNames", "version": 6}).encode()
    return [
        *requests,
        _request(question, b"Origin: https://evil.com"),
        _request(question, b"Sec-Fetch-Site: cross-site"),
        _request(question, b"Host: evil.com"),
        _request(b"", b"Origin: http://localhost:3000", method=b"OPTIONS"),
        _request(b"", b"Accept: text/html", method=b"GET"),
        _request(b"", b"Origin: https://evil.com", method=b"DELETE"),
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (question[:20], question[20:]))
        + b"0\r\n\r\n",
    ]


def _request(body: bytes, header: bytes, method: bytes = b"POST") -> bytes:
    host = b"" if header.startswith(b"Host") else b"Host: localhost\r\n"
    return b"%s / HTTP/1.1\r\n%s%s\r\nContent-Length: %d\r\n\r\n%s" % (method, host, header, len(body), body)


class _Connection:
    def __init__(self, port: int) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), 60)
        self._received = b""

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def close(self) -> None:
        self._sock.close()

    def kinds_of_reply(self) -> list[str]:
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            self._receive()
        head = self._received[:end].lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(self._received) < end + 4 + length:
            self._receive()
        body = self._received[end + 4 : end + 4 + length]
        self._received = self._received[end + 4 + length :]
        kind = "results" if body.endswith(b'"error":null}') else "errors" if b'"error":"' in body else "others"
        return [head[9:12].decode(), kind]

    def _receive(self) -> None:
        data = self._sock.recv(256 * 1024)
        assert data, "the server has hung up"
        self._received += data


def _talk(port: int, first: int, rounds: int, counts: Counter[str]) -> None:
    requests = wire_requests()
    number = first
    connection = _Connection(port)
    for turn in range(rounds):
        # A connection of its own for each tenth round, and one that is given up.
        if turn % 10 == 0:
            connection = connection if turn == 0 else _Connection(port)
            _give_up(port, requests[number % len(requests)], turn)
        batch = [requests[(number + step) % len(requests)] for step in range(PIPELINED)]
        number += PIPELINED
        connection.send(b"".join(batch))
        for _ in batch:
            counts.update(connection.kinds_of_reply())
        if turn % 10 == 9 or turn == rounds - 1:
            connection.close()


def _give_up(port: int, request: bytes, turn: int) -> None:
    connection = _Connection(port)
    connection.send(request[: 1 + turn * 7 % len(request)])
    connection.close()


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    rounds = -(-count // (PIPELINED * CONNECTIONS))
    counts: list[Counter[str]] = [Counter() for _ in range(CONNECTIONS)]
    threads = [Thread(target=_talk, args=(port, 5 * number, rounds, counted)) for number, counted in enumerate(counts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(sum(counts, Counter())))


if __name__ == "__main__":
    main()
