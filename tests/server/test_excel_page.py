"""The page in a real browser: Office.js, the functions' runtime and the generated JavaScript against the started server.

Only Excel itself is stubbed (host.js). Screenshots go to the folder that the fixture `pictures` names.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from bureau import CALL as CALL_PATH
from bureau import Bureau, running_bureau
from test_calls import posted

from xlpolicy.excel.functions.registry import BY_NAME, FUNCTIONS, Function, example_arguments
from xlpolicy.excel.server.calls import encode

pytestmark = pytest.mark.chromium
HOST = Path(__file__).with_name("host.js").read_text(encoding="utf-8")
CALL = """async ([name, args]) => {
  try {
    return { result: await stub.functions[name](...args, { address: "Sheet1!C3" }) };
  } catch (error) {
    return { code: error.code, message: error.message, stack: error.code ? undefined : error.stack };
  }
}"""
BASE = [[["福州"]], [["技改设备补助"]]]


@dataclass
class Pane:
    """An open task pane: the page, and what went wrong on it."""

    page: Any
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def call(self, name: str, *args: Any) -> dict[str, Any]:
        """A custom function through its generated JavaScript."""
        told: dict[str, Any] = self.page.evaluate(CALL, [name, list(args)])
        return told

    def open(self, text: str) -> None:
        """Search for a provision and open the first one found."""
        self.page.fill("#text", text)
        self.page.wait_for_function(
            "text => document.querySelector('#found .name')?.textContent.includes(text)", arg=text
        )
        self.page.click("#found button >> nth=0")
        self.page.wait_for_selector("#sheet:not([hidden])")

    def fill(self, name: str, value: str) -> None:
        self.page.fill(f"#in-{name}", value)

    def wait(self, selector: str, text: str) -> None:
        self.page.wait_for_function(
            "([at, text]) => [...document.querySelectorAll(at)].some((e) => e.textContent.includes(text))",
            arg=[selector, text],
        )

    def stub(self, script: str) -> Any:
        return self.page.evaluate(f"(() => {{ {script} }})()")


Opened = Callable[..., Pane]


@pytest.fixture
def opened(chromium: Any) -> Iterator[Opened]:
    """Opens the task pane of a server, in Excel (stubbed) or in the plain browser."""
    contexts = []

    def open_pane(bureau: Bureau, *, host: bool = True, width: int = 350, **options: Any) -> Pane:
        context = chromium.new_context(
            viewport={"width": width, "height": 760},
            device_scale_factor=2,
            locale="zh-CN",
            accept_downloads=True,
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        pane = Pane(page)
        # scripts of Microsoft's that look for a host and find the stub are no concern of ours
        page.on("pageerror", lambda e: None if "/static/vendor/" in (e.stack or "") else pane.faults.append(str(e)))
        page.on("request", lambda request: pane.asked.append(request.url))
        if host:
            page.route(
                "**/history-fix-part2.js",
                lambda route: route.fulfill(response=(r := route.fetch()), body=r.text() + HOST),
            )
            # Office.js looks here for the host's own file, finds that there is no host, and takes the stub away
            page.route(
                "**/o15apptofilemappingtable.js", lambda route: route.fulfill(body="", content_type="text/javascript")
            )
        page.goto(f"{bureau.url}/taskpane.html")
        return pane

    yield open_pane
    for context in contexts:
        context.close()


@pytest.fixture
def excel(opened: Opened, bureau: Bureau) -> Iterator[Pane]:
    """The pane in Excel, its list shown; nothing of ours may fail on it, nothing may be asked elsewhere."""
    pane = opened(bureau)
    pane.page.wait_for_selector("#found li")
    pane.page.fill("#day", "2026-06-30")
    yield pane
    assert pane.faults == []
    assert [url for url in pane.asked if not url.startswith((bureau.url, "data:", "blob:"))] == []


# --- custom functions ---


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_every_function_through_its_javascript(excel: Pane, function: Function) -> None:
    values = example_arguments(function.example)
    told = excel.call(function.name, *posted(function, values))
    assert told == {"result": encode(function.answer(*values), 1.4)}


def test_a_range_and_true_errors_through_javascript(excel: Pane) -> None:
    column = [[8e6], [""], ["x"]]
    told = excel.call("SUBSIDY", *BASE, [column, [["日期"]], [["2026-06-30"]]])
    assert told["result"] == [[240000.0], [""], [{"type": "Error", "errorType": "Value"}]]
    gone = excel.call("SUBSIDY", *BASE, [[[8e6]], [["日期"]], [["1999-01-01"]]])
    assert gone["result"] == [[{"type": "Error", "errorType": "NotAvailable"}]]


def test_bad_input_is_value_error_with_its_reason_and_asked_once(excel: Pane) -> None:
    told = excel.call("SUBSIDY", *BASE, [[[-1]]])
    assert told["code"] == "#VALUE!"
    assert "负数" in told["message"]
    assert sum(url.endswith(CALL_PATH) for url in excel.asked) == 1


def test_ten_thousand_rows_through_javascript(excel: Pane) -> None:
    column = [[5e6 + i] for i in range(10_000)]
    told = excel.call("SUBSIDY", *BASE, [column, [["日期"]], [["2026-06-30"]]])
    assert told["result"] == [[round((5e6 + i) * 0.03, 2)] for i in range(10_000)]


def test_whole_columns_travel_without_their_blank_rows(excel: Pane) -> None:
    """=SUBSIDY(…, B:B, "investment_with_vat", C:C): three rows are filled, in C one more than in B."""
    told, sent = excel.page.evaluate(
        """async (base) => {
            const column = (filled) => Array.from({length: 1048576}, (_, i) => [filled[i] ?? ""]);
            let size = 0;
            const send = XMLHttpRequest.prototype.send;
            XMLHttpRequest.prototype.send = function (body) { size += body ? body.length : 0; return send.call(this, body); };
            try {
                const args = [...base, [column([8e6, "", 4e6]), [["investment_with_vat"]], column([9e6, "", 5.2e6, ""])]];
                return [await stub.functions["SUBSIDY"](...args, {address: "Sheet1!A1"}), size];
            } finally { XMLHttpRequest.prototype.send = send; }
        }""",
        BASE,
    )
    assert (told[0], told[1], told[2], len(told)) == ([240000.0], [""], [120000.0], 3)
    assert sent < 5000


def test_a_fallen_server_is_an_error_and_no_value(opened: Opened, xlwings_server: None, tmp_path: Path) -> None:
    with running_bureau(tmp_path) as server:
        pane = opened(server)
        pane.page.wait_for_selector("#found li")
    told = pane.call("RMB_UPPER", [[1]])
    assert told["code"] == "#VALUE!"
    pane.page.fill("#text", "技改")
    pane.wait("#toast.bad", "连不上服务器")


# --- the pane ---


def test_search_fill_and_insert(excel: Pane, pictures: Path) -> None:
    excel.page.screenshot(path=pictures / "1-find.png")
    excel.open("技改设备补助")
    excel.wait("#result", "填好")
    excel.page.screenshot(path=pictures / "2-empty.png", full_page=True)
    excel.fill("investment", "800")
    excel.wait("#result .sum", "24")
    excel.page.click("summary")
    excel.page.screenshot(path=pictures / "3-amount.png", full_page=True)
    excel.stub("stub.selected = 'D5'")
    excel.page.click("#insert")
    excel.wait("#toast", "公式已插入 测算表!D5")
    excel.page.screenshot(path=pictures / "4-inserted.png", full_page=True)
    formula = excel.stub("return stub.formulas['测算表!D5']")
    assert formula == '=SUBSIDY("福州","技改设备补助",800,"单位","万元","日期","2026-06-30")'
    assert BY_NAME["SUBSIDY"].answer(*example_arguments(formula)) == 24.0


def test_a_field_taken_from_a_cell(excel: Pane, pictures: Path) -> None:
    excel.open("技改设备补助")
    excel.stub("stub.selected = 'B2'; stub.values.B2 = 1000;")
    excel.page.click(".field:has(#in-investment) .pick")
    excel.wait("#result .sum", "30")
    excel.wait(".field .hint", "测算表!B2")
    excel.page.screenshot(path=pictures / "5-reference.png", full_page=True)
    excel.page.select_option("#what", "SUBSIDY_WHY")
    excel.stub("stub.selected = 'C2'")
    excel.page.click("#insert")
    excel.wait("#toast", "测算表!C2")
    formula = excel.stub("return stub.formulas['测算表!C2']")
    assert formula == '=SUBSIDY_WHY("福州","技改设备补助",B2,"单位","万元","日期","2026-06-30")'
    excel.stub("stub.selected = 'Z9'")
    excel.page.click(".field:has(#in-investment_with_vat) .pick")
    excel.wait("#toast.bad", "空白单元格")


def test_the_day_is_that_of_a_cell(excel: Pane, pictures: Path) -> None:
    """46203 is 2026-06-30 as Excel holds a date: 46203 days after 1899-12-30."""
    excel.open("技改设备补助")
    excel.fill("investment", "800")
    excel.stub("stub.selected = 'E2'; stub.values.E2 = 46203;")
    excel.page.click("#day-pick")
    excel.wait("#day-hint", "测算表!E2")
    assert excel.page.input_value("#day") == "2026-06-30"
    excel.wait("#result .sum", "24")
    excel.page.screenshot(path=pictures / "15-day.png", full_page=True)
    excel.stub("stub.selected = 'F2'")
    excel.page.click("#insert")
    excel.wait("#toast", "测算表!F2")
    formula = excel.stub("return stub.formulas['测算表!F2']")
    assert formula == '=SUBSIDY("福州","技改设备补助",800,"单位","万元","日期",E2)'
    excel.stub("stub.selected = 'E3'; stub.values.E3 = '去年';")
    excel.page.click("#day-pick")
    excel.wait("#toast.bad", "不是日期")
    assert excel.page.input_value("#day") == "2026-06-30"


def test_errors_are_shown_where_they_belong(excel: Pane, pictures: Path) -> None:
    excel.open("技改设备补助")
    excel.fill("investment", "八百多")
    excel.wait("#result .card.bad", "八百多")
    excel.page.screenshot(path=pictures / "6-wrong.png", full_page=True)
    excel.fill("investment", "100")
    excel.wait("#result .card.none", "不符合条件")
    excel.page.screenshot(path=pictures / "7-refused.png", full_page=True)
    excel.stub("stub.refuse = '单元格受保护'")
    excel.page.click("#insert")
    excel.wait("#toast.bad", "单元格受保护")
    excel.page.screenshot(path=pictures / "8-protected.png", full_page=True)


def test_article_and_history(excel: Pane, pictures: Path) -> None:
    excel.open("技改设备补助")
    excel.page.click("#tab-law")
    excel.wait("#law", "门槛")
    assert "function" not in excel.page.inner_text("#law")
    excel.page.screenshot(path=pictures / "9-article.png", full_page=True)
    excel.page.press("#tab-law", "ArrowRight")
    excel.wait("#past", "榕政办规〔2024〕13号")
    excel.page.screenshot(path=pictures / "10-history.png", full_page=True)
    excel.page.click("#past .link")
    excel.wait("#pinned", "不在有效期内")
    excel.fill("investment", "800")
    excel.wait("#result .sum", "24")
    assert excel.page.inner_text("#formula").endswith('"文件","fuzhou-2024-13")')
    excel.page.screenshot(path=pictures / "11-pinned.png", full_page=True)
    excel.page.click("#pinned .link")
    excel.page.wait_for_selector("#pinned", state="hidden")


def test_every_kind_of_field(excel: Pane, pictures: Path) -> None:
    """A provision with choices, rates, dates and counts: all can be filled."""
    excel.open("贴息")
    excel.page.screenshot(path=pictures / "12-fields.png", full_page=True)
    for element in excel.page.query_selector_all("#fields input, #fields select"):
        if element.evaluate("e => e.tagName") == "SELECT":
            element.select_option(index=1)
        else:
            dated = "2026" in (element.get_attribute("placeholder") or "")
            element.fill("2026-03-01" if dated else "3")
    excel.page.wait_for_selector("#result .card:not(:has-text('填好'))")
    excel.page.screenshot(path=pictures / "13-filled.png", full_page=True)


def test_a_provision_without_an_amount(excel: Pane, pictures: Path) -> None:
    excel.page.select_option("#city", "")
    from xlpolicy.law import catalog as catalogs

    rule = next(r for d, r in catalogs.default().rules() if r.amount is None and r.refer_to)
    excel.open(rule.title)
    excel.wait("#result", "不在本文件计算金额")
    assert not excel.page.is_visible("#actions")
    excel.page.screenshot(path=pictures / "14-elsewhere.png", full_page=True)


def test_the_form_opens_as_a_new_workbook(excel: Pane) -> None:
    excel.open("技改设备补助")
    excel.fill("investment", "800")
    excel.wait("#result .sum", "24")
    excel.page.click("#form")
    excel.wait("#toast", "申请表已在新工作簿打开")
    book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(excel.stub("return stub.books[0]"))))
    assert "申请表" in book.sheetnames[0]


def test_in_a_browser_the_pane_works_without_a_workbook(opened: Opened, bureau: Bureau, tmp_path: Path) -> None:
    pane = opened(bureau, host=False)
    pane.page.wait_for_selector("#found li")
    pane.open("技改设备补助")
    pane.fill("investment", "800")
    pane.wait("#result .sum", "24")
    assert pane.page.inner_text("#insert") == "复制公式"
    assert pane.page.query_selector(".pick") is None
    with pane.page.expect_download() as waiting:
        pane.page.click("#form")
    assert waiting.value.suggested_filename == "申请表_技改设备补助.xlsx"
    waiting.value.save_as(tmp_path / "form.xlsx")
    assert "申请表" in openpyxl.load_workbook(tmp_path / "form.xlsx").sheetnames[0]
    assert [url for url in pane.asked if not url.startswith((bureau.url, "data:", "blob:"))] == []


def test_token_is_asked_for_and_serves_functions_too(
    opened: Opened, xlwings_server: None, tmp_path: Path, pictures: Path
) -> None:
    (tmp_path / "token.txt").write_text("k9-Token", encoding="utf-8")
    with running_bureau(tmp_path, "--token-file", str(tmp_path / "token.txt")) as closed:
        pane = opened(closed)
        pane.wait("#toast.bad", "口令不对")
        assert pane.page.is_visible("#token")
        assert "口令" in pane.call("RMB_UPPER", [[1]])["message"]
        pane.page.screenshot(path=pictures / "15-token.png")
        pane.page.fill("#token", "k9-Token")
        pane.page.press("#token", "Enter")
        pane.page.wait_for_selector("#found li")
        assert pane.call("RMB_UPPER", [[1]]) == {"result": [["壹元整"]]}
        assert not any("k9-Token" in url for url in pane.asked)


def test_text_of_the_law_is_never_markup(excel: Pane) -> None:
    excel.page.fill("#text", "<img src=x onerror=alert(1)>")
    excel.wait("#count", "没有找到")
    excel.open("技改设备补助")
    excel.fill("investment", "<b>8</b>")
    excel.wait("#result .card.bad", "<b>8</b>")


@pytest.mark.parametrize("width", [260, 320, 480])
def test_no_sideways_scrolling(opened: Opened, bureau: Bureau, width: int, pictures: Path) -> None:
    pane = opened(bureau, width=width)
    pane.page.wait_for_selector("#found li")
    pane.open("技改设备补助")
    pane.fill("investment", "123456789.12")
    pane.page.wait_for_selector("#result .sum")
    pane.page.screenshot(path=pictures / f"16-width-{width}.png", full_page=True)
    for tab in ("#tab-law", "#tab-past", "#tab-fill"):
        pane.page.click(tab)
        assert pane.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
