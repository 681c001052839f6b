# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Downloads: content of an http or https address, within a time and a size.

`download` blocks and belongs in the background. The exchange itself runs on a
thread of its own, so that the time limit holds whatever the server, the name
service or a proxy does: when time is up the socket is shut, which ends that thread.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Event, Thread, current_thread
from typing import Any, Optional

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from requests.utils import get_auth_from_url

from ..errors import ApiError
from .allowance import Allowance
from .reach import ANYWHERE, Reach
from .sources import LARGEST_FILE

#: Some servers refuse programs that do not call themselves a browser.
_HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; AnkiConnect)", "Accept-Encoding": "identity"}
_MOST_REDIRECTS = 10
#: Characters; servers take a tenth of it.
_LONGEST_URL = 65536
_PIECE = 64 * 1024
_PREFIXES = ("http://", "https://")


def download(url: str, allowance: Allowance, reach: Reach = ANYWHERE) -> bytes:
    """What is at an address; ApiError names the address and says why there is nothing.

    allowance: how long it may take, redirects included, and how much it may be.
    """
    if len(url) > _LONGEST_URL:
        raise _failure(url, f"the address is longer than {_LONGEST_URL} characters")
    timeout = allowance.seconds()
    if not timeout:
        raise _failure(url, "the downloads of this request took too long together")
    exchange = _Exchange(url, timeout, reach, allowance)
    with allowance.stopped_by(exchange.abandon):
        exchange.start()
        is_in_time = exchange.ended.wait(timeout)
    if not is_in_time:
        exchange.abandon()
        raise _failure(url, f"timed out after {timeout:g} s")
    if exchange.error is not None:
        raise exchange.error
    return exchange.content


class _Exchange(Thread):
    """One download, on its own thread."""

    def __init__(self, url: str, timeout: float, reach: Reach, allowance: Allowance) -> None:
        super().__init__(name="ankiconnect download", daemon=True)
        self.ended = Event()
        self.content = b""
        self.error: Optional[BaseException] = None
        self._url = url
        self._timeout = timeout
        self._reach = reach
        self._allowance = allowance
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
        """Have the thread end soon. Whoever waits for it goes on at once."""
        self._is_abandoned = True
        self.ended.set()
        watched = self._socket
        if watched is not None:
            _shut(watched)

    def addresses_of(self, host: str, port: int) -> list[str]:
        """Where that host may be connected to: found out before, so that a refusal tells nothing of what is there."""
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not all(self._reach.allows(host, port, address) for address in found):
            raise _failure(self._url, f"a web page may not have {host} read, which is not public")
        return found

    def connected(self, connection: socket.socket) -> None:
        """Called on a new connection, before anything is sent."""
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
        with _Session() as session:
            # What a proxy connects to cannot be judged here.
            session.trust_env = not self._reach.is_limited
            session.max_redirects = _MOST_REDIRECTS
            session.headers.update(_HEADERS)
            for prefix in _PREFIXES:
                session.mount(prefix, _Adapter())
            try:
                with session.get(self._url, stream=True, timeout=self._timeout) as response:
                    return self._read(response)
            except _FAILURES as error:
                raise _failure(self._url, self._reason(error)) from None

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
            self._allowance.take(len(piece))
            content += piece
            if len(content) > LARGEST_FILE:
                raise self._too_large()
            if self._is_abandoned:
                break
        return bytes(content)

    def _reason(self, error: BaseException) -> str:
        # A web page must not learn from the words what answers on which port.
        if self._reach.is_limited and isinstance(error, requests.ConnectionError):
            return "the server could not be reached"
        return _reason(error, self._timeout)

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
    """Connects to where the exchange says, and tells it of each connection, redirects' included."""

    #: Where the socket connects to; `host`, which is derived from it, is the name for TLS.
    _dns_host: str
    port: Any

    def _new_conn(self) -> socket.socket:
        exchange = current_thread()
        assert isinstance(exchange, _Exchange)
        name = self._dns_host
        connection = self._connect(exchange.addresses_of(name, self.port))
        try:
            exchange.connected(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self, addresses: list[str]) -> socket.socket:
        name = self._dns_host
        try:
            for address in addresses[:-1]:
                self._dns_host = address
                with suppress(urllib3.exceptions.HTTPError):
                    return super()._new_conn()  # type: ignore[misc, no-any-return]
            self._dns_host = addresses[-1]
            return super()._new_conn()  # type: ignore[misc, no-any-return]
        finally:
            self._dns_host = name


class _HTTPConnection(_Watched, urllib3.connection.HTTPConnection):
    pass


class _HTTPSConnection(_Watched, urllib3.connection.HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _AuthOfAddress(AuthBase):
    """The user and password that stand in an address, and no others: the library would look for some in the
    user's `.netrc` otherwise."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        user, password = get_auth_from_url(request.url or "")
        return HTTPBasicAuth(user, password)(request) if user or password else request


class _Session(requests.Session):
    """Sends no password but what an address holds."""

    def __init__(self) -> None:
        super().__init__()
        self.auth = _AuthOfAddress()

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """After a redirect: a password is for the server it was given for."""
        address = prepared_request.url or ""
        if "Authorization" in prepared_request.headers and self.should_strip_auth(  # type: ignore[no-untyped-call]
            response.request.url or "", address
        ):
            del prepared_request.headers["Authorization"]


class _Adapter(HTTPAdapter):
    """Connects with connections that are watched, unless there is a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
