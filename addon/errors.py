# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The errors a client can see.

Raised where the fact is known; `api/dispatch.py` makes the reply of them. The
text is what the client reads, and some clients match on it: where the contract
fixes a text, the text is the contract's.
"""


class ApiError(Exception):
    """A reason the caller can act on. Its text is the reply's `error`."""


class InvalidRequest(ApiError):
    """The request itself is wrong: its shape, a parameter, a value."""


class UnsupportedAction(InvalidRequest):
    """No action of that name exists at the version asked for."""

    def __init__(self) -> None:
        super().__init__("unsupported action")


class KeyRefused(ApiError):
    """An API key is configured, and the request does not bring it."""

    def __init__(self) -> None:
        super().__init__("valid api key must be provided")


class ClientGone(ApiError):
    """The client has hung up, and others wait for what the work that it asked for has taken."""

    def __init__(self) -> None:
        super().__init__("given up: the client has hung up, and others wait")


class CollectionUnavailable(ApiError):
    """No collection is open: the profile screen, or during a full sync."""

    def __init__(self) -> None:
        super().__init__("collection is not available")


class NotFound(ApiError):
    """Something named by the request does not exist."""
