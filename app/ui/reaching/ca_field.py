"""The field of a file of certificates, which are trusted beside the computer's own or in their place."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.ui.language import tr
from app.ui.paths import LONGEST_PATH
from app.ui.widgets.limits import limit_length


class CaField(QWidget):
    """A path that is typed or chosen; empty where nobody but the computer's own authorities is trusted."""

    def __init__(self, ca_file: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = QLineEdit(ca_file, self)
        limit_length(self.path, LONGEST_PATH)
        self._choose = QPushButton(self)
        self._choose.setAutoDefault(False)
        self._choose.clicked.connect(lambda _checked: self._choose_file())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.path, 1)
        row.addWidget(self._choose)
        self.setFocusProxy(self.path)

    @property
    def ca_file(self) -> str:
        """The file that is typed."""
        return self.path.text().strip()

    def retranslate(self) -> None:
        """Set every text."""
        self.path.setPlaceholderText(tr("一般不填；公司自己签发的证书才要选它的 CA 文件"))
        self._choose.setText(tr("浏览…"))

    def _choose_file(self) -> None:
        dialog = QFileDialog(
            self, tr("CA 证书"), self.path.text(), f"{tr('证书')} (*.pem *.crt *.cer);;{tr('所有文件')} (*)"
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.path.setText)
        dialog.open()
