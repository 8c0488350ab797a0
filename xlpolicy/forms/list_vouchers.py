"""The list of invoices of a list form: one an invoice, with the number of the row that it is for.

Drawn like the table itself (`list_look`); every row of the table shows what its invoices come to. It is read by `vouchers`
and given to the rows by `given_vouchers`.
"""

from __future__ import annotations

from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.xml.functions import tostring

from xlpolicy.forms.layout import OF_ROW, VOUCHER_COLUMNS, VOUCHER_ROWS, VOUCHER_SHEET, Layout
from xlpolicy.forms.list_look import Drawn, Part
from xlpolicy.forms.voucher_sheet import VOUCHER_FORMATS, unit_of_vouchers
from xlpolicy.forms.vouchers import claimed_by_invoices, without_vat
from xlpolicy.forms.watched import MISSING
from xlpolicy.sheets.cells import Entry, Formula, Shown
from xlpolicy.sheets.live import Live
from xlpolicy.sheets.refill_sheet import Content, Listing
from xlpolicy.sheets.text import letter

#: the sheet while it is drawn: the template has one of the other name
DRAWN = "逐行发票"
#: invoices a row
_EACH = 3
_COLUMNS = (VOUCHER_COLUMNS[0], OF_ROW, *VOUCHER_COLUMNS[1:])
_FORMATS = (VOUCHER_FORMATS[0], "General", *VOUCHER_FORMATS[1:])
_WIDTHS = (6.0, 13.0, 20.0, 24.0, 12.5, 15.0, 13.0, 12.5, 24.0)
_TITLE, _ABOUT, _HOW, _HEAD, _FIRST = range(1, 6)
_LINES = "发票"
_PROTECTED = 'sheet="1" formatColumns="0" formatRows="0" insertRows="0"'


class ListVouchers:
    """The sheet, for a table whose numbers stand in the cells `numbers` of the sheet `table`."""

    def __init__(self, plan: Layout, rows: int, table: str, numbers: str) -> None:
        self._plan, self._numbers = plan, f"'{table}'!{numbers}"
        self._table = table
        self.count = max(VOUCHER_ROWS, _EACH * rows)
        self.last = _FIRST + self.count - 1
        item, _ = claimed_by_invoices(plan.rule, {})
        self._net = item is not None and without_vat(item)

    @property
    def unit(self) -> str:
        """What the sum of a row is in: as the amount is claimed that it has to bear out."""
        return "元，不含税" if self._net else "元，含税"

    def _column(self, label: str) -> str:
        """The cells of a column, and those of the row of sums: what is inserted above it belongs to them."""
        name = letter(_COLUMNS.index(label) + 1)
        return f"'{VOUCHER_SHEET}'!${name}${_FIRST}:${name}${self.last + 1}"

    def sum_of(self, number: str) -> str:
        """What the invoices of the row come to whose number stands in a cell."""
        amounts = ("不含税金额",) if self._net else ("不含税金额", "税额")
        return "+".join(f"SUMIF({self._column(OF_ROW)},{number},{self._column(label)})" for label in amounts)

    @property
    def astray(self) -> str:
        """How many invoices say no row that there is."""
        numbers, said = self._column("发票号"), self._column(OF_ROW)
        return f'SUMPRODUCT(({numbers}<>"")*(COUNTIF({self._numbers},{said})=0))'

    def drawn(self) -> Drawn:
        """The sheet as a template, with one line for all invoices."""
        width = len(_COLUMNS)
        sheet = Drawn(_WIDTHS, _HEAD)
        sheet.put(_TITLE, [Part(1, width, VOUCHER_SHEET, "title")], 34)
        about = f"{self._plan.title}附表".replace("\n", "")
        sheet.put(_ABOUT, [Part(1, 6, about, "line"), Part(7, width, unit_of_vouchers(self._plan), "unit_line")], 22)
        how = f"每张发票一行。“{OF_ROW}”填这张发票属于“{self._table}”的第几笔（那一行最左边的序号）；一张发票属于几笔的，每笔写一行，金额写属于那一笔的。"
        sheet.put(_HOW, [Part(1, width, how, "hint")], 30)
        sheet.put(_HEAD, [Part(n, n, label, "paper") for n, label in enumerate(_COLUMNS, 1)], 34)
        like = ["unit", *["entry"] * (width - 1)]
        sheet.put(_FIRST, [Part(n, n, f"{{{_LINES}.{n}}}", one) for n, one in enumerate(like, 1)], 20)
        sums = {6: "{不含税合计}", 7: "{税额合计}"}
        sheet.put(
            _FIRST + 1,
            [Part(1, 5, "合计", "label"), *(Part(n, n, sums.get(n, ""), "amount") for n in range(6, width + 1))],
            24,
        )
        return sheet

    def content(self) -> Content:
        """What it is filled with: blank lines, and what watches over them."""
        fields = tuple(str(n) for n in range(1, len(_COLUMNS) + 1))
        blank = [Entry(code, None, _LINES) for code in _FORMATS[1:]]
        lines: list[tuple[Shown, ...]] = [(n, *blank) for n in range(1, self.count + 1)]
        facts: dict[str, Shown] = {"文件名称": self._plan.document.name}
        for name, column in (("不含税合计", "F"), ("税额合计", "G")):
            facts[name] = Formula(f"=SUM({column}{_FIRST}:{column}{self.last})", 0)
        number, cell = f"$D{_FIRST}", f"$B{_FIRST}"
        paint = (f"B{_FIRST}:B{self.last}", f'AND({number}<>"",COUNTIF({self._numbers},{cell})=0)', MISSING)
        return Content(facts, {_LINES: Listing(fields, lines)}, Live([*self._checks()], [paint], _PROTECTED))

    def _checks(self) -> list[str]:
        checks = [
            ("B", DataValidation("list", formula1=self._numbers), f"请填“{self._table}”里这一笔的序号", "warning")
        ]
        for column in "EH":
            dates = DataValidation("date", operator="between", formula1="29221", formula2="73050")
            checks.append((column, dates, "请填日期，如 2026-06-30", "stop"))
        for column in "FG":
            money = DataValidation("decimal", operator="between", formula1="-99999999999", formula2="99999999999")
            checks.append((column, money, "请填数字，单位元", "stop"))
        for column, check, wrong, style in checks:
            check.allow_blank = check.showErrorMessage = True
            check.errorStyle = style  # type: ignore[assignment]  # one of three words
            check.errorTitle, check.error = "填写有误", wrong
            check.add(f"{column}{_FIRST}:{column}{self.last}")
        return [tostring(check.to_tree()).decode() for _, check, _, _ in checks]  # type: ignore[attr-defined]  # bytes

    def names(self) -> dict[str, str]:
        """The cells that get a name, and what is printed on every page."""
        end = letter(len(_COLUMNS))
        return {
            "inv_table": f"'{VOUCHER_SHEET}'!$A${_FIRST}:${end}${self.last}",
            "_xlnm.Print_Titles": f"'{VOUCHER_SHEET}'!${_HEAD}:${_HEAD}",
        }
