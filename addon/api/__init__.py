# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Names to functions: the action table, parameter checks and dispatch.

Nothing here knows HTTP, Qt or Anki; what an action needs is handed in.
"""
