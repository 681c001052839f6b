# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""An example of an Anki add-on that adds actions to AnkiConnect. docs/extending.md explains it."""

from aqt import gui_hooks


def connect() -> None:
    """Add the actions, if AnkiConnect is there."""
    try:
        import ankiconnect
    except ImportError:
        return  # It is not installed, or the user has disabled it.
    from . import actions

    ankiconnect.register(actions)


# Every add-on is loaded then, whichever comes first.
gui_hooks.main_window_did_init.append(connect)
