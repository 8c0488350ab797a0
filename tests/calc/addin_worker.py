"""tests/uno_worker.py with two requests more: install an extension, and enter formulas as Calc itself writes them."""

from __future__ import annotations

import pathlib
import sys
import time
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import uno
import uno_worker
import unohelper
from com.sun.star.deployment import DeploymentException
from com.sun.star.task import XInteractionHandler
from com.sun.star.ucb import XCommandEnvironment


class _Yes(unohelper.Base, XCommandEnvironment, XInteractionHandler):
    """The user who is asked whether to install, and says yes."""

    def getInteractionHandler(self) -> _Yes:
        return self

    def getProgressHandler(self) -> None:
        return None

    def handle(self, request: Any) -> None:
        for answer in request.getContinuations():
            approve = answer.queryInterface(uno.getTypeByName("com.sun.star.task.XInteractionApprove"))
            if approve is not None:
                approve.select()


class Office(uno_worker.Office):
    """One LibreOffice that takes extensions."""

    def _connect(self, url: str) -> Any:
        self.context = super()._connect(url)
        return self.context

    def op_install(self, path: str) -> list[str]:
        """Add the extension for this user; returns the identifiers of all that are there."""
        manager = self.context.getValueByName("/singletons/com.sun.star.deployment.ExtensionManager")
        channel = manager.createAbortChannel()
        try:
            manager.addExtension(pathlib.Path(path).as_uri(), (), "user", channel, _Yes())
        except DeploymentException as exc:
            raise ValueError(f"{exc.Message}: {exc.Cause}") from None
        found = manager.getDeployedExtensions("user", channel, _Yes())
        return [package.getIdentifier().Value for package in found]

    def op_enter(self, book: str, sheet: str, formulas: dict[str, str], array: bool) -> float:
        """Enter formulas in Calc's English syntax (semicolons between arguments); seconds that it took."""
        start = time.perf_counter()
        for address, formula in formulas.items():
            area = self._range(book, sheet, address)
            if array:
                area.setArrayFormula(formula)
            else:
                area.setFormula(formula)
        return time.perf_counter() - start

    def op_fill(self, book: str, sheet: str, address: str, rows: list[list[Any]], formulas: bool) -> float:
        """Write a whole range at once; seconds that it took."""
        area = self._range(book, sheet, address)
        content = tuple(map(tuple, rows))
        start = time.perf_counter()
        if formulas:
            area.setFormulaArray(content)
        else:
            area.setDataArray(content)
        return time.perf_counter() - start

    def op_timed(self, book: str) -> float:
        """Recalculate everything; seconds that it took."""
        start = time.perf_counter()
        self._book(book).calculateAll()
        return time.perf_counter() - start

    def op_formula(self, book: str, sheet: str, address: str) -> str:
        return str(self._range(book, sheet, address).getFormula())


if __name__ == "__main__":
    uno_worker.Office = Office
    uno_worker.main()
