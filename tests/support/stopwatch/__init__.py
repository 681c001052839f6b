# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""An Anki add-on for tests: measures Anki's event loop from inside. See measured_anki."""

from aqt import gui_hooks


def connect() -> None:
    import ankiconnect

    from . import actions

    ankiconnect.register(actions)
    actions.watch.start()


gui_hooks.main_window_did_init.append(connect)
