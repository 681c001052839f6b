# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The warning that anyone on the network can use Anki: a window that stays, blocks nothing and takes no focus."""

from __future__ import annotations

from typing import Callable, Optional

from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.qt import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QStyle, Qt, QVBoxLayout, qconnect

from ..http.reach import Reach
from ..translations import text

_ICON_SIZE = 48
_TEXT_WIDTH = 420


class NetworkWarning:
    """Shows the window as long as there is something to warn of, or until the user closes it."""

    def __init__(self, mw: AnkiQt, configure: Callable[[], None]) -> None:
        self._mw = mw
        self._configure = configure
        self._reach: Optional[Reach] = None
        self._window: Optional[QDialog] = None
        # At start, Anki's window is not there yet.
        gui_hooks.profile_did_open.append(self._show)

    def update(self, reach: Optional[Reach]) -> None:
        """Warn of this address from now on. A warning that the user has seen is not shown again."""
        if reach != self._reach:
            self._close()
            self._reach = reach
            self._show()

    def _show(self) -> None:
        if self._reach is None or self._window is not None or not self._mw.isVisible():
            return
        self._window = _WarningWindow(self._mw, self._reach.url, self._configure)
        self._window.show()

    def _close(self) -> None:
        window, self._window = self._window, None
        if window is not None:
            window.close()
            window.deleteLater()


class _WarningWindow(QDialog):
    def __init__(self, mw: AnkiQt, url: str, configure: Callable[[], None]) -> None:
        super().__init__(mw)
        self.setWindowTitle("AnkiConnect")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        icon = QLabel(self)
        style = self.style()
        assert style is not None
        warning = style.standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        icon.setPixmap(warning.pixmap(_ICON_SIZE, _ICON_SIZE))
        label = QLabel(text("no_key_warning", url=url) + "\n\n" + text("no_key_advice"), self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setWordWrap(True)
        label.setMinimumWidth(_TEXT_WIDTH)
        buttons = QDialogButtonBox(self)
        settings = buttons.addButton(text("open_configuration"), QDialogButtonBox.ButtonRole.ActionRole)
        close = buttons.addButton(text("close"), QDialogButtonBox.ButtonRole.RejectRole)
        assert settings is not None
        assert close is not None
        qconnect(settings.clicked, configure)
        qconnect(close.clicked, self.reject)
        row = QHBoxLayout()
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(buttons)
