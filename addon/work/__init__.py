# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""How work on Anki is done: undo steps, refreshing windows, background work and waiting for it."""
