"""The page in a browser: typed into, printed, read by name, at the widths of a phone and of a desk."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from xlpolicy import assess
from xlpolicy.cli import main
from xlpolicy.javascript.web_page import page as written
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.adopted import Adopted

pytestmark = pytest.mark.chromium
ON = "2026-06-30"
#: every colour of text on what lies under it, of the elements that are seen
CONTRAST = """() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const under = (e) => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (!/, 0\\)$|transparent/.test(c)) return c;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((e) => {
      const [a, b] = [light(getComputedStyle(e).color), light(under(e))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) < 4.5;
    }).map((e) => `${e.tagName} ${e.textContent.slice(0, 20)}`);
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "政策计算器.html"
    assert main(["page", "-o", str(path)]) == 0
    return path


class Opened:
    """The page, what went wrong on it and what it asked for."""

    def __init__(self, context: Any, path: Path) -> None:
        self.page, self.faults, self.asked = context.new_page(), list[str](), list[str]()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        assert not self.page.query_selector("#stopped")
        self.page.fill("#day", ON)

    def choose(self, text: str) -> None:
        self.page.fill("#text", text)
        self.page.click("#found button >> nth=0")

    def fill(self, label: str, value: str) -> None:
        """The field of that name, as somebody who hears it would find it."""
        self.field(label).fill(value)

    def field(self, label: str) -> Any:
        return self.page.get_by_label(label).locator("visible=true").first

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))


@pytest.fixture(params=[360, 1280], ids=["phone", "desk"])
def opened(request: pytest.FixtureRequest, chromium: Any, file: Path) -> Iterator[Opened]:
    context = chromium.new_context(viewport={"width": request.param, "height": 740}, locale="zh-CN", offline=True)
    context.set_default_timeout(10_000)
    opened = Opened(context, file)
    yield opened
    assert opened.faults == []
    assert opened.asked == [file.as_uri()]
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= request.param
    context.close()


def test_the_amount_while_typing(opened: Opened) -> None:
    opened.choose("技改设备补助")
    opened.fill("年度技改设备（含软件）实际投资额", "800")
    assert "核定 240,000.00 元" in opened.text("#amount")
    told = opened.text("#result")
    assert "贰拾肆万元整" in told and "榕政办规〔2026〕5号 附件3 一" in told
    for step in assess("福州", "技改设备补助", {"investment": "800万元"}, on=ON).steps:
        assert f"{step.what}：{step.formula} → {step.value}" in told
    assert "＝ 8,000,000 元（捌佰万元整）" in opened.text("#sheet form")
    opened.fill("年度技改设备（含软件）实际投资额", "300万元")
    assert "不符合条件" in opened.text("#amount")
    # the threshold is 500万元; 3% of 166,666,666.50元 is 4,999,999.995元, paid as the ceiling of 500万元
    assert "再多 2,000,000 元（到 5,000,000 元）：达到门槛，可得 150,000.00 元" in opened.text(".ahead")
    assert "到 166,666,666.5 元）：到封顶" in opened.text(".ahead")


def test_what_is_wrong_stands_at_its_field(opened: Opened) -> None:
    opened.choose("技改设备补助")
    opened.fill("年度技改设备（含软件）实际投资额", "约800万")
    field = opened.field("年度技改设备（含软件）实际投资额")
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby").split()
    assert any("读不成一个金额" in opened.text(f"#{name}") for name in described)


def test_a_number_in_another_unit_is_doubted(opened: Opened) -> None:
    """万元 is the page's unit: 8000000 is eighty thousand million yuan, and earns the ceiling of 500万元 with a remark."""
    opened.choose("技改设备补助")
    label = "年度技改设备（含软件）实际投资额"
    for text, amount, doubt in (
        ("8000000", "核定 5,000,000.00 元", "按万元读是 80,000,000,000 元；请核对，写明单位，如“8000000元”"),
        ("８００", "核定 240,000.00 元", ""), ("八百", "核定 240,000.00 元", ""), ("0.08", "不符合条件", "如“0.08万元”"),
        ("20,000", "核定 5,000,000.00 元", ""), ("8000000元", "核定 240,000.00 元", ""),
    ):  # fmt: skip
        opened.fill(label, text)
        told = opened.text("#result")
        assert amount in opened.text("#amount")
        assert doubt in told if doubt else "没有写单位" not in told
    opened.fill(label, "-5")
    assert "（）" not in opened.text("#sheet form")


def test_a_bare_rate_is_percent(opened: Opened) -> None:
    opened.choose("技改项目贷款贴息")
    opened.fill("贷款年利率", "3.5")
    field = opened.page.locator(".field", has_text="贷款年利率").first
    assert (
        "＝ 3.5%" in field.inner_text()
        and "如 3.5 或 3.5%" in field.inner_text()
        and "没有写“%”" not in field.inner_text()
    )
    opened.fill("贷款年利率", "0.035")
    assert "没有写“%”的按百分数读，这里是 0.035%" in field.inner_text()
    assert "不填暂按“是”" in opened.text("#sheet form")


@pytest.mark.parametrize("on", ["2020-01-01", "2031-06-30"])
def test_outside_its_days_it_is_a_trial(opened: Opened, on: str) -> None:
    opened.choose("技改设备补助")
    opened.fill("年度技改设备", "800")
    opened.page.fill("#day", on)
    assert "试算 240,000.00 元" in opened.text("#amount") and "核定" not in opened.text("#amount")
    assert "不在有效期内" in opened.page.inner_text("#result p.warn:not(.amount)")
    assert "试算" in opened.text("#bar")


def test_prints_on_one_page(opened: Opened) -> None:
    opened.choose("技改项目贷款贴息")
    for label, value in {
        "实际投放贷款余额": "5000",
        "本次计息期内银行实收利息": "100",
        "计息天数": "200",
        "贷款年利率": "3.5",
    }.items():
        opened.fill(label, value)
    pdf = pypdf.PdfReader(io.BytesIO(opened.page.pdf(prefer_css_page_size=True)))
    assert len(pdf.pages) == 1
    told = unicodedata.normalize("NFKC", pdf.pages[0].extract_text())
    # 5000万元 × 2% × 200 ÷ 365
    assert all(text in told for text in ("技改项目贷款贴息", "5000万元", "547,945.21"))


def test_by_keyboard_alone(opened: Opened) -> None:
    keys = opened.page.keyboard
    opened.page.focus("#text")
    keys.type("技改设备补助")
    for _ in range(2):
        keys.press("Tab")
    keys.press("Enter")
    assert opened.page.evaluate("document.activeElement.id") == "title"
    keys.press("Tab")
    keys.type("800")
    assert "240,000.00" in opened.text("#amount")
    unnamed = opened.page.evaluate(
        "[...document.querySelectorAll('input, select')].filter((e) => !e.labels.length).map((e) => e.id)"
    )
    assert unnamed == []


def test_no_field_that_has_the_focus_lies_under_the_bar(chromium: Any, file: Path) -> None:
    """On a phone the amount stays at the lower edge; from field to field by keyboard, each is seen whole above it."""
    context = chromium.new_context(viewport={"width": 360, "height": 640}, offline=True)
    opened = Opened(context, file)
    opened.choose("技改项目贷款贴息")
    places = """() => [document.activeElement.getBoundingClientRect().bottom, document.getElementById("bar").getBoundingClientRect().top]"""
    passed = set()
    for _ in range(24):
        opened.page.keyboard.press("Tab")
        if (name := opened.page.evaluate("document.activeElement.id")) == "":
            continue  # a button
        passed.add(name)
        bottom, bar = opened.page.evaluate(places)
        assert bottom <= bar, name
    assert len([name for name in passed if name.startswith("in-")]) == 13  # every input of the article
    context.close()


def test_what_is_read_aloud_is_one_line_that_stays(opened: Opened) -> None:
    """A screen reader says what changes in a line it knows; one that comes anew is passed over."""
    opened.choose("技改设备补助")
    line = opened.page.query_selector("#result [role=status]")
    assert line.inner_text() == "还要填：年度技改设备（含软件）实际投资额（不含增值税）"
    opened.fill("年度技改设备（含软件）实际投资额", "800")
    assert line.inner_text() == "核定 240,000.00 元"
    opened.fill("年度技改设备（含软件）实际投资额", "约800")
    assert "读不成一个金额" in line.inner_text()
    assert len(opened.page.query_selector_all("#result [role=status]")) == 1
    opened.page.click("#to-all")
    line = opened.page.query_selector("#standing [role=status]")
    assert line.inner_text().startswith("可得 0 条，待核实 0 条，还要填 0 条，不符合 0 条")
    opened.fill(INVESTMENT, "800")
    assert not line.inner_text().startswith("可得 0 条，待核实 0 条")


def test_an_article_that_sends_elsewhere_is_no_mistake(opened: Opened) -> None:
    """附件5 五 names the office to apply at, and no amount: said once, not as something wrong, with nothing to fill in."""
    opened.choose("专精特新企业知识产权补助")
    told = opened.text("#sheet")
    assert (
        opened.text("#result")
        == "本条不在这份文件里计算金额。本文件未写金额，请向市市场监管局按相应知识产权项目的规定申报。"
    )
    assert told.count("不在这份文件里计算金额") == 1 and "可计算的条款" not in told
    assert opened.page.locator("#sheet .bad, #bar:visible, #sheet form:visible").count() == 0


def test_everything_one_may_apply_for(opened: Opened) -> None:
    opened.page.click("#to-all")
    opened.page.select_option("#city", label="福州市")
    opened.fill("年度技改设备（含软件）实际投资额", "800")
    presumed = opened.page.locator(".standing li", has_text="240,000.00 元（测算上限）榕政办规〔2026〕5号 附件3 一")
    assert "只差一项：项目已享受发改委牵头的超长期特别国债设备更新资金" in presumed.inner_text()
    assert "可得 0 条" in opened.text("#standing")
    opened.field("项目已享受发改委牵头的超长期特别国债设备更新资金").select_option("否")
    assert re.search(r"可得 [1-9]", opened.text("#standing"))
    assert "只差一项：项目已享受" not in opened.text("#standing")
    opened.page.get_by_role("button", name="算这一条").first.click()
    assert "240,000.00" in opened.text("#amount")


INVESTMENT, BOND = "年度技改设备（含软件）实际投资额", "项目已享受发改委牵头的超长期特别国债设备更新资金"


def several(opened: Opened) -> None:
    """Of one project the investment, of another (二期) the loan, as in 企业档案 with two columns."""
    opened.page.click("#to-all")
    opened.page.select_option("#city", label="福州市")
    opened.fill(INVESTMENT, "800")
    opened.field(BOND).select_option("否")
    opened.page.get_by_role("button", name="另一个项目").click()
    opened.page.keyboard.type("二期")
    opened.field(BOND).select_option("否")
    days = {"本次计息起日": "2025-10-01", "本次计息止日": "2026-04-18", "项目首笔贷款投放日期": "2025-10-01"}
    for label, value in ({"实际投放贷款余额": "5000", "计息天数": "200", "贷款年利率": "3.5"} | days).items():
        opened.fill(label, value)
    for label in ("属技改项目的金融机构贷款", "属市重点技改项目"):
        opened.field(label).select_option("是")


def card(opened: Opened, title: str) -> str:
    return str(opened.page.locator(".standing li", has=opened.page.get_by_text(re.compile(f"^{title}"))).inner_text())


def test_several_projects(opened: Opened) -> None:
    """附件3 七2 forbids both for one project only: the investment of one and the loan of another exclude nothing."""
    several(opened)
    loan, first = "技改项目贷款贴息（二期）", "技改设备补助（第 1 个项目）"
    # 5000万元 × 2% × 200 ÷ 365, and 800万元 × 3%
    assert "547,945.21 元" in card(opened, loan) and "240,000.00 元" in card(opened, first)
    assert "可得 2 条" in opened.text("#standing")
    assert "附件3 七2 前段" not in card(opened, loan) + card(opened, first)
    assert "787,945.21" not in opened.text("#all"), "the page sums nothing"
    # the second project invests too: now its investment and its loan exclude each other, and 附件3 一 holds 500万元 a year for both
    opened.fill(INVESTMENT, "20000")
    second = "技改设备补助（二期）"
    assert "与技改设备补助" in card(opened, loan) and "附件3 七2 前段" in card(opened, loan)
    assert "5,000,000.00 元" in card(opened, second) and "与技改项目贷款贴息：同一项目" in card(opened, second)
    assert "附件3 七2 前段" not in card(opened, first)
    for one, other in ((first, "二期的技改设备补助"), (second, "第 1 个项目的技改设备补助")):
        assert re.search(f"封顶\\s*与[^：]*{other}[^：]*：封顶500万元，每个企业每年", card(opened, one))
    # back to the first: what was said of it stands there
    opened.page.get_by_role("button", name="第 1 个项目", exact=True).click()
    assert opened.field(INVESTMENT).input_value() == "800" and opened.field("计息天数").input_value() == ""
    opened.page.get_by_role("button", name="删去“第 1 个项目”").click()
    assert opened.field(INVESTMENT).input_value() == "20000"
    assert "第 1 个项目" not in opened.text("#all") and "（二期）" not in opened.text("#standing")


def test_what_is_wrong_with_another_project_is_named(opened: Opened) -> None:
    several(opened)
    opened.fill("计息天数", "很多")
    opened.page.get_by_role("button", name="第 1 个项目", exact=True).click()
    told = opened.text("#standing")
    assert "读不出来的 1 项没有算在内：“二期：计息天数”" in told
    assert opened.field("计息天数").get_attribute("aria-invalid") is None
    # one name for two projects: they stay two, told by their numbers
    opened.fill("项目或贷款名称", "二期")
    assert "二期（第 1 个项目）" in opened.text("#standing")


def test_how_much_more_reaches_the_threshold(opened: Opened) -> None:
    """附件3 一: 300万元 against 500万元; 480万元 with VAT at most may reach it, which is asked instead."""
    opened.page.click("#to-all")
    opened.page.select_option("#city", label="福州市")
    opened.fill(INVESTMENT, "300")
    told = opened.page.locator(".standing li", has_text="技改设备补助榕政办规〔2026〕5号 附件3 一").inner_text()
    assert "再多 2,000,000 元（到 5,000,000 元）：达到门槛，可得 150,000.00 元" in told


def test_several_projects_by_keyboard_and_on_paper(opened: Opened) -> None:
    keys = opened.page.keyboard
    opened.page.click("#to-all")
    opened.page.select_option("#city", label="福州市")
    opened.fill(INVESTMENT, "800")
    opened.page.focus("#print")
    keys.press("Tab")
    keys.press("Enter")
    assert opened.page.evaluate("document.activeElement.id") == "named"
    keys.type("二期")
    assert opened.page.evaluate("document.activeElement.id") == "named"
    pressed = opened.page.locator("#projects button[aria-pressed=true]")
    assert pressed.inner_text() == "二期"
    for press in ("Shift+Tab",) * 3:
        keys.press(press)
    keys.press("Enter")
    assert pressed.inner_text() == "第 1 个项目" and opened.field(INVESTMENT).input_value() == "800"
    twice = opened.page.evaluate(
        "(ids => ids.filter((id, i) => ids.indexOf(id) !== i))([...document.querySelectorAll('[id]')].map((e) => e.id))"
    )
    assert twice == []
    pdf = pypdf.PdfReader(io.BytesIO(opened.page.pdf(prefer_css_page_size=True)))
    told = unicodedata.normalize("NFKC", "".join(page.extract_text() for page in pdf.pages))
    assert "第 1 个项目 填报(申报日期 2026-06-30)" in told and "800万元" in told and "240,000.00 元" in told


def test_what_cannot_be_read_refuses_nothing(opened: Opened) -> None:
    """约八百 is no reason against a provision: it is left out and named; what is doubted stands beside the amounts."""
    opened.page.click("#to-all")
    opened.page.select_option("#city", label="福州市")
    opened.fill("年度技改设备（含软件）实际投资额", "约八百")
    told = opened.text("#standing")
    assert (
        "不符合 0 条" in told and "读不出来的 1 项没有算在内：“年度技改设备（含软件）实际投资额（不含增值税）”" in told
    )
    assert opened.field("年度技改设备（含软件）实际投资额").get_attribute("aria-invalid") == "true"
    opened.fill("年度技改设备（含软件）实际投资额", "8000000")
    assert "请核对，写明单位，如“8000000元”" in opened.text("#standing")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_read_in_light_and_dark(chromium: Any, file: Path, scheme: str) -> None:
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 740})
    opened = Opened(context, file)
    opened.choose("技改设备补助")
    opened.fill("年度技改设备（含软件）实际投资额", "300万元")
    assert opened.page.evaluate(CONTRAST) == []
    context.close()


@pytest.mark.parametrize("runs", [True, False], ids=["too_old", "no_script"])
def test_a_script_that_does_not_run_says_what_to_do(chromium: Any, file: Path, tmp_path: Path, runs: bool) -> None:
    """A browser that cannot read the script stops at its first line, as IE does in 兼容模式."""
    old = tmp_path / "旧.html"
    old.write_text(file.read_text("utf-8").replace("const PAGE = ", "const PAGE == "), "utf-8")
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=runs, offline=True)
    page = context.new_page()
    page.goto((old if runs else file).as_uri())
    page.wait_for_selector("#stopped", state="visible")
    assert "先把文件存下来" in page.inner_text("#stopped") and "极速" in page.inner_text("#stopped")
    context.close()


def test_options_and_official_words(chromium: Any, tmp_path: Path) -> None:
    """A bureau's own reading decides and is named; the words that it keeps stand beside the amount, as text."""
    catalog = catalogs.default().adopting({"fuzhou-2026-5:vat_threshold": Adopted("net", "示例纪要第1号")})
    path = tmp_path / "page.html"
    articles = {"fuzhou-2026-5/tech_upgrade": "<b>条文</b>"}
    path.write_text(written(catalog, articles=articles, made=dt.date(2026, 6, 30)), encoding="utf-8")
    context = chromium.new_context()
    opened = Opened(context, path)
    opened.choose("技改设备补助")
    opened.fill("年度技改设备（含软件）实际投资额", "490万元")
    opened.fill("同一投资的含增值税金额", "510万元")
    assert "不符合条件" in opened.text("#amount")
    assert "本单位口径" in opened.text("#law") and "示例纪要第1号" in opened.text("#law")
    assert "<b>条文</b>" in opened.text("#law")
    context.close()


def test_another_file_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["page", "-o", "政策计算器.docx"]) == 2
    assert "政策计算器.html" in capsys.readouterr().err
