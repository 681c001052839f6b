# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""HTTP for local clients: bytes and sockets on one side, Request and Response on the other.

Knows nothing of Anki, Qt or JSON. Read `messages` first, then `connection`, `client`, `server`; `access` stands alone.
"""
