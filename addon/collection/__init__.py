# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What actions share about the collection: finding, making, comparing notes; no windows, no HTTP."""
