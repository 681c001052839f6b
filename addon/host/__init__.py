# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki as a host: is a collection open and free, undo steps, threads, long work, and telling Anki of what was done."""
