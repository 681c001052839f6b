# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""AnkiConnect: a local HTTP + JSON API for Anki."""
