# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Downloads: content of an http or https address, within a time and a size.

`download` blocks and belongs in the background. The exchange itself runs on a
thread of its own, so that the time limit holds whatever the server, the name
service or a proxy does: when time is up the socket is shut, which ends that thread.
"""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread, current_thread
from typing import Any, Optional
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from ..errors import ApiError
from .sources import LARGEST_FILE

#: Some servers refuse programs that do not call themselves a browser.
_HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; AnkiConnect)", "Accept-Encoding": "identity"}
_MOST_REDIRECTS = 10
_PIECE = 64 * 1024
_PREFIXES = ("http://", "https://")


@dataclass(frozen=True)
class Reach:
    """Which addresses a download may connect to.

    A web page may have Anki download what is public, and what is its own: through
    Anki it must not read servers of this computer or network that the browser
    would keep from it. Behind a proxy it is the proxy that decides.
    """

    is_limited: bool = False
    #: Host and port of the page.
    own: Optional[tuple[str, int]] = None

    @classmethod
    def of_page(cls, origin: Optional[str]) -> Reach:
        """What a web page may reach."""
        parts = urlsplit(origin or "")
        host = parts.hostname
        own = (host, parts.port or (443 if parts.scheme == "https" else 80)) if host else None
        return cls(is_limited=True, own=own)

    def allows(self, host: str, port: int, address: str) -> bool:
        """Whether a host that turned out to be at this address may be talked to."""
        if not self.is_limited or (host, port) == self.own:
            return True
        ip = ipaddress.ip_address(address.partition("%")[0])
        mapped = getattr(ip, "ipv4_mapped", None)
        return (mapped or ip).is_global


ANYWHERE = Reach()


def download(url: str, timeout: float, reach: Reach = ANYWHERE) -> bytes:
    """What is at an address; ApiError names the address and says why there is nothing.

    timeout: seconds for all of it, redirects included.
    """
    exchange = _Exchange(url, timeout, reach)
    exchange.start()
    if not exchange.ended.wait(timeout):
        exchange.abandon()
        raise _failure(url, f"timed out after {timeout:g} s")
    if exchange.error is not None:
        raise exchange.error
    return exchange.content


class _Exchange(Thread):
    """One download, on its own thread."""

    def __init__(self, url: str, timeout: float, reach: Reach) -> None:
        super().__init__(name="ankiconnect download", daemon=True)
        self.ended = Event()
        self.content = b""
        self.error: Optional[BaseException] = None
        self._url = url
        self._timeout = timeout
        self._reach = reach
        self._is_abandoned = False
        self._socket: Optional[socket.socket] = None

    def run(self) -> None:
        try:
            self.content = self._get()
        except BaseException as error:  # noqa: BLE001 - whoever waits for the download gets it
            self.error = error
        finally:
            self._forget_socket()
            self.ended.set()

    def abandon(self) -> None:
        """Have the thread end soon."""
        self._is_abandoned = True
        watched = self._socket
        if watched is not None:
            _shut(watched)

    def connected(self, host: str, port: int, connection: socket.socket) -> None:
        """Called on a new connection, before anything is sent."""
        address = connection.getpeername()[0]
        if not self._reach.allows(host, port, address):
            raise _failure(self._url, f"a web page may not have {host} read, which is not public")
        self._forget_socket()
        # A duplicate: TLS takes the original over.
        self._socket = connection.dup()
        if self._is_abandoned:
            _shut(connection)

    def _forget_socket(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _get(self) -> bytes:
        if not self._url.lower().startswith(_PREFIXES):
            raise _failure(self._url, "only http and https addresses can be downloaded")
        with requests.Session() as session:
            session.max_redirects = _MOST_REDIRECTS
            session.headers.update(_HEADERS)
            for prefix in _PREFIXES:
                session.mount(prefix, _Adapter())
            try:
                with session.get(self._url, stream=True, timeout=self._timeout) as response:
                    return self._read(response)
            except _FAILURES as error:
                raise _failure(self._url, _reason(error, self._timeout)) from None

    def _read(self, response: requests.Response) -> bytes:
        if response.status_code != requests.codes.ok:
            raise ApiError(f"{_shorten(self._url)} download failed with return code {response.status_code}")
        announced = response.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > LARGEST_FILE:
            raise self._too_large()
        # Off by default in older versions of the library: half a file passed for one.
        response.raw.enforce_content_length = True
        content = bytearray()
        for piece in response.iter_content(_PIECE):
            content += piece
            if len(content) > LARGEST_FILE:
                raise self._too_large()
            if self._is_abandoned:
                break
        return bytes(content)

    def _too_large(self) -> ApiError:
        return _failure(self._url, f"it is larger than {LARGEST_FILE // 1024 // 1024} MB")


_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
#: What went wrong, from the particular to the general.
_REASONS: tuple[tuple[Any, str], ...] = (
    (requests.TooManyRedirects, f"more than {_MOST_REDIRECTS} redirects"),
    (requests.exceptions.InvalidSchema, "it leads to an address that is neither http nor https"),
    (requests.exceptions.InvalidURL, "the address is not valid"),
    (requests.exceptions.SSLError, "no secure connection could be made"),
    (requests.exceptions.ProxyError, "the proxy could not be used"),
    (requests.exceptions.ChunkedEncodingError, "the connection ended early"),
    (requests.exceptions.ContentDecodingError, "its content could not be decoded"),
)
_CAUSES: tuple[tuple[Any, str], ...] = (
    (socket.gaierror, "the host name could not be resolved"),
    (ConnectionRefusedError, "connection refused"),
    (ConnectionError, "the connection ended early"),
)


def _reason(error: BaseException, timeout: float) -> str:
    if isinstance(error, (requests.Timeout, socket.timeout)):
        return f"timed out after {timeout:g} s"
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    causes = list(_causes_of(error))
    if any(isinstance(cause, urllib3.exceptions.ReadTimeoutError) for cause in causes):
        return f"timed out after {timeout:g} s"
    for kind, reason in _CAUSES:
        if any(isinstance(cause, kind) for cause in causes):
            return reason
    return _shorten(str(error)) or type(error).__name__


def _causes_of(error: BaseException) -> list[BaseException]:
    """An error, those it was raised from, and those it carries."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    return found


def _failure(url: str, reason: str) -> ApiError:
    return ApiError(f"{_shorten(url)} download failed: {reason}")


def _shorten(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]}…"


def _shut(connection: socket.socket) -> None:
    """Wake whoever waits for it."""
    with suppress(OSError):  # it has ended by itself
        connection.shutdown(socket.SHUT_RDWR)


class _Watched:
    """Tells the exchange of each connection it makes, redirects' included."""

    host: str
    port: Any

    def _new_conn(self) -> socket.socket:
        connection: socket.socket = super()._new_conn()  # type: ignore[misc]
        exchange = current_thread()
        assert isinstance(exchange, _Exchange)
        try:
            exchange.connected(self.host, self.port, connection)
        except BaseException:
            connection.close()
            raise
        return connection


class _HTTPConnection(_Watched, urllib3.connection.HTTPConnection):
    pass


class _HTTPSConnection(_Watched, urllib3.connection.HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    """Connects by itself unless there is a proxy, with connections that are watched."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
