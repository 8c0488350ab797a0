"""The WPS add-in in node, with a stand-in for its host: every function of the registry that it offers, equal to Python's."""

from __future__ import annotations

import json
import random
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from nodekit import needed
from test_cases import LOADED

from xlpolicy.cli import main
from xlpolicy.excel.functions.call import BlankOrZero, XlError
from xlpolicy.excel.functions.registry import BY_NAME, FUNCTIONS, example_arguments
from xlpolicy.excel.wps.wps_addin import ELSEWHERE, FOLDER, INSTALL, OFFERED, PUBLISH, README
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.records import Input

pytestmark = pytest.mark.node
HOST = Path(__file__).parent / "host.js"
ON = ("日期", "2026-06-30")
TECH = ("福州", "技改设备补助")
Call = tuple[str, tuple[Any, ...]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The add-in as it is unpacked."""
    work = tmp_path_factory.mktemp("wps")
    assert main(["package", "wps", "-o", str(work / "wps.zip")]) == 0
    with zipfile.ZipFile(work / "wps.zip") as packed:
        packed.extractall(work)
    return work


class Host:
    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.folder = program, folder

    def answers(self, calls: list[Call], single: str = "rows") -> list[dict[str, Any]]:
        lines = [json.dumps({"name": name, "args": args}, ensure_ascii=False) for name, args in calls]
        done = subprocess.run(
            [self.program, HOST, self.folder / FOLDER, single], input="\n".join(lines), capture_output=True,
            encoding="utf-8", timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        found = json.loads(done.stdout)
        assert set(found["functions"]) == {f.name for f in FUNCTIONS}
        return list(found["answers"])

    def one(self, name: str, *args: Any) -> Any:
        (answer,) = self.answers([(name, args)])
        return answer["made"] if "made" in answer else answer["thrown"]


@pytest.fixture(scope="module")
def host(pytestconfig: pytest.Config, folder: Path) -> Host:
    return Host(needed(pytestconfig), folder)


def handed(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """As an adapter hands them over whose host may send a 0 for a blank cell, unless a blank of the call came as one."""
    ranges = [arg for arg in args if isinstance(arg, list)]
    if any(cell is None for area in ranges for row in area for cell in row):
        return args
    doubted = {0: BlankOrZero(0)}
    return tuple(doubted.get(arg, arg) if type(arg) in (int, float) else arg for arg in args)


def wanted(name: str, args: tuple[Any, ...]) -> dict[str, Any]:
    """What Python's function says, as the add-in may say it: rows of cells, or one error for all; texts say it in their row."""
    made = BY_NAME[name].answer(*handed(args))
    rows = made if isinstance(made, list) else [[made]]
    errors = [one for row in rows for one in row if isinstance(one, XlError)]
    if not errors:
        return {"made": rows}
    if len(rows) == len(rows[0]) == 1:
        return {"thrown": errors[0].message, "code": errors[0].code}
    if name in ("SUBSIDY_BASIS", "POLICY_STATUS", "RMB_UPPER"):
        return {
            "made": [[f"不能计算：{one.message}" if isinstance(one, XlError) else one for one in row] for row in rows]
        }
    at = next(i for i, row in enumerate(rows) if any(isinstance(one, XlError) for one in row))
    return {"thrown": f"区域第 {at + 1} 行：{errors[0].message}", "code": errors[0].code}


def check(host: Host, calls: list[Call]) -> None:
    want = [wanted(name, args) for name, args in calls]
    for single in ("rows", "scalar"):
        got = host.answers(calls, single)
        assert [(c, g, w) for c, g, w in zip(calls, got, want, strict=True) if g != w][:3] == []


def test_every_function_is_offered_or_named(host: Host) -> None:
    assert set(OFFERED) | set(ELSEWHERE) == {f.name for f in FUNCTIONS} and not set(OFFERED) & set(ELSEWHERE)
    for name, instead in ELSEWHERE.items():
        given = ("福州", "技改设备补助")[: len(BY_NAME[name].arguments)]
        said = host.one(name, *given)
        assert said == f"{name}：WPS 加载项里没有这个函数。请{instead.removeprefix('请')}。"
        assert host.one("SUBSIDY_WHY", name) == [[said]] == host.one("SUBSIDY_WHY", name, *given)


def test_the_example_of_every_function(host: Host) -> None:
    check(host, [(name, tuple(example_arguments(BY_NAME[name].example))) for name in OFFERED])
    assert host.one("SUBSIDY", *TECH, 800, "单位", "万元", *ON) == [[24]]  # 800万元 × 3%


@pytest.mark.parametrize("stem", LOADED)
def test_case_files(stem: str, host: Host) -> None:
    """Each case in a cell: its inputs in pairs, in the order they stand."""
    head, cases = LOADED[stem]
    city = catalogs.default().documents[head["document"]].city
    calls: list[Call] = []
    for case in cases:
        pairs = [part for pair in case["inputs"].items() for part in pair]
        when = case.get("on", head.get("on"))
        pairs += ["日期", str(when)] if when else []
        pinned = case.get("policy", head.get("policy"))
        pairs += ["文件", pinned] if pinned else []
        if len(pairs) > 24 or any(not isinstance(value, str | int | float | bool) for value in pairs):
            continue
        calls += [
            (name, (city, case["provision"], *pairs))
            for name in ("SUBSIDY", "SUBSIDY_WHY", "SUBSIDY_BASIS", "SUBSIDY_MAX")
        ]
        calls.append(("SUBSIDY_WHY", ("SUBSIDY_MAX", city, case["provision"], *pairs)))
    assert calls
    check(host, calls)


ERRORS: list[tuple[Any, ...]] = [
    ("x", "技改设备补助", 1),
    ("福州", "没有这条", 1),
    (*TECH, 1, "日期", "2023-01-01"),
    (*TECH, 1, "文件", "没有"),
    ("福州", "county_scaleup_incentive", *ON),
    (*TECH, None, *ON),
    (*TECH, *ON),
    (*TECH, -1, *ON),
    (*TECH, "很多", *ON),
    (*TECH, True, *ON),
    (*TECH, 1, "日期", "某天"),
    (*TECH, 1, "单位", "美元"),
    (*TECH, 1, "投资", 1, *ON),
    (*TECH, 1, "investment", 1, *ON),
    (*TECH, 1, "单位", "元", "unit", "元"),
    (*TECH, "#DIV/0!", *ON),
    (*TECH, 8000000, "paid_before", "#REF!", *ON),
    (*TECH, 4800000, *ON),  # may be 500万元 with VAT: undecided
    (*TECH, [[1], [2]], "含税投资额", [[1], [2], [3]], *ON),
    (None, "技改设备补助", 1),
]


def test_errors_are_errors_with_their_reason(host: Host) -> None:
    check(host, [("SUBSIDY", args) for args in ERRORS])
    check(host, [("SUBSIDY_WHY", args) for args in ERRORS if args[0] is not None])


def test_ranges(host: Host) -> None:
    """A column in, a column out; blank rows stay blank; names as a row of headings over their columns."""
    column = [[8000000], [None], ["300万元"], [4999999.9999999991]]  # the last a sum of cents, shown as 5000000
    vat = [[None], [None], [None], [5100000]]
    block = [[8000000, "否"], [200000000, "是"]]
    check(
        host,
        [
            ("SUBSIDY", (*TECH, column, *ON)),
            ("SUBSIDY", (*TECH, column, "investment_with_vat", vat, *ON)),
            ("SUBSIDY", (*TECH, [["investment", "bond_supported"]], block, *ON)),
            ("SUBSIDY", (*TECH, [[8000000, 5000000]], *ON)),
            ("SUBSIDY", (*TECH, [[800], [500]], "单位", [["万元"], ["万元"]], "日期", [[46203], ["2026-06-30"]])),
            ("SUBSIDY_WHY", (*TECH, [[8000000], ["很多"], [None]], *ON)),
            ("SUBSIDY_BASIS", (*TECH, [[8000000], [1]], "日期", [["2026-06-30"], ["2025-06-30"]])),
            ("RMB_UPPER", ([[240000], [None], ["80万元"], [-5.5]],)),
            ("RMB_UPPER", ([[24]], "万元")),
            ("SUBSIDY_MAX", ("福州", "企业技术中心认定奖励", "认定层级", [["国家级"], ["省级"]], *ON)),
            ("SUBSIDY_WHY", ("SUBSIDY_MAX", *TECH, [[1], [2]], "单位", "万元", *ON)),
            ("SUBSIDY_WHY", ("SUBSIDY_MAX", "福州", "企业技术中心认定奖励", "认定层级", [["国家级"], ["没有"]], *ON)),
            ("SUBSIDY_WHY", ("SUBSIDY_MAX", "福州", "没有这条", 1)),
            ("POLICY_STATUS", ([["fuzhou-2026-5"], ["榕政办规〔2024〕13号"]], 46203)),
            ("POLICY_STATUS", ("fuzhou-2026-5", "2026-06-30", "技改设备补助")),
        ],
    )
    # one row that has no amount makes the whole an error, which names it; SUBSIDY_WHY tells row by row
    said = host.one("SUBSIDY", *TECH, [[8000000], ["很多"]], *ON)
    assert said.startswith("区域第 2 行：") and "很多" in said
    assert "240,000.00元" in host.one("SUBSIDY_WHY", *TECH, [[8000000], ["很多"]], *ON)[0][0]


def test_a_whole_column_is_cut_where_it_ends(host: Host) -> None:
    column = [[None]] * 250_000
    column[:3] = [[8000000], [None], [5000000]]
    assert host.one("SUBSIDY", *TECH, column, *ON) == [[240000], [""], [150000]]
    assert "区域有 250000 行" in host.one("SUBSIDY", *TECH, [[8000000]] * 250_000, *ON)


def test_dates_count_as_the_1900_system_does(host: Host) -> None:
    """46203 is 2026-06-30; Excel's 1900 has a 29 February."""
    assert host.one("SUBSIDY", *TECH, 8000000, "日期", 46203) == [[240000]]
    assert host.one("SUBSIDY", *TECH, 8000000, "日期", 46203.5) == [[240000]]
    loan = ("福州", "技改项目贷款贴息", "50000000", "起息日", 1)
    assert [host.one("SUBSIDY_WHY", *loan)] == [wanted("SUBSIDY_WHY", loan)["made"]]


def test_a_blank_cell_is_no_zero(host: Host) -> None:
    """最多 113 %: 480万元 net with a blank beside it is undecided, with 0 beside it would be refused. A 0 that may be a
    blank is not guessed; where a blank came in the same range, the 0 is one."""
    vat = "同一投资的含增值税金额"
    blank = host.one("SUBSIDY", *TECH, 4800000, vat, None, *ON)
    assert blank == wanted("SUBSIDY", (*TECH, 4800000, vat, None, *ON))["thrown"] and "含增值税" in blank
    assert "可能是空白单元格" in host.one("SUBSIDY", *TECH, 4800000, vat, 0, *ON)
    assert (
        host.one("SUBSIDY", *TECH, 4800000, vat, "0", *ON) == wanted("SUBSIDY", (*TECH, 4800000, vat, "0", *ON))["made"]
    )
    # the last value left blank: its name is not taken for a value
    assert host.one("SUBSIDY", *TECH, 8000000, *ON, vat, None) == [[240000]]


def test_a_0_is_no_name_and_no_day_and_asked_about_where_a_blank_pays(host: Host) -> None:
    """As in the other hosts: 附件4 二1 pays 50万 where no number is stated; 附件1 一 counts the year of growth as 0."""
    grown = ("福州", "scaleup_tech_upgrade", 2000000, "years_since_scaleup")
    asked = [("SUBSIDY", ("福州", "secure_product", 0, *ON)), ("SUBSIDY", (*grown, 0, *ON))]
    assert all("可能是空白单元格" in host.one(name, *args) for name, args in asked)
    assert host.one("SUBSIDY", "福州", "secure_product", None, *ON) == [[500000]]
    assert host.one("SUBSIDY", *TECH, 8000000, "单位", 0, "文件", 0, *ON) == [[240000]]
    names = [
        ("SUBSIDY", (0, "技改设备补助", 1)), ("SUBSIDY", ("福州", 0, 1)), ("SUBSIDY", (*TECH, 1, 0, 0)),
        ("SUBSIDY", (*TECH, 8000000, "日期", 0)), ("SUBSIDY_MAX", ("泉州", "智能制造场景奖励", "认定层级", 0)),
        ("SUBSIDY_NEED", (*TECH, 0)), ("SUBSIDY_NEED", (*TECH, 500000, "按", 0, *ON)), ("RMB_UPPER", (24, 0)),
        ("POLICY_STATUS", (0,)), ("POLICY_STATUS", ("fuzhou-2026-5", 0, 0)), ("RMB_UPPER", (0,)),
    ]  # fmt: skip
    written = [("SUBSIDY_NEED", (*TECH, goal, "单位", "万元", *ON)) for goal in (50, "￥50", "五十", "50万元")]
    check(host, [*asked, *names, *written])
    assert len({str(host.one(*call[:1], *call[1])) for call in written}) == 1


def test_generated_calls(host: Host) -> None:
    """Any cells in any place: the same amounts, and refusals with the same words."""
    chance = random.Random("wps")
    cells: list[Any] = [
        8000000,
        "800万元",
        500,
        "",
        None,
        True,
        "是",
        "否",
        "2026-06-30",
        46203,
        "很多",
        0,
        1.5,
        -1,
        "3%",
        "国家级",
    ]
    calls: list[Call] = []
    for document, rule in catalogs.default().rules():
        names = [item.name for item in rule.inputs] + [item.label for item in rule.inputs]
        for _ in range(4):
            pairs = [part for name in chance.sample(names, min(3, len(names))) for part in (name, chance.choice(cells))]
            calls.append(("SUBSIDY", (document.city, rule.id, chance.choice(cells), *pairs, "文件", document.key)))
            calls += [(name, calls[-1][1]) for name in ("SUBSIDY_WHY", "SUBSIDY_MAX")]
    assert len(calls) > 900
    check(host, calls)


def a_cell(item: Input, chance: random.Random) -> Any:
    """What a cell may hold for an input, most often something that is read."""
    if chance.random() < 0.05:
        return "很多"
    if item.choices:
        return chance.choice(item.choices).label
    return {
        "money": chance.choice([8000000, "3000万元", 0.5]), "integer": chance.choice([1, 3, 20, 200]), "rate": "3.5%",
        "boolean": chance.choice(["是", "是", "否"]), "date": "2026-01-31", "text": "甲",
    }[item.type]  # fmt: skip


def test_how_much_is_needed(host: Host) -> None:
    """附件3 一: 50万元 is 3 % of 16,666,666.66…, to the fen; the rest as Python has it, for every provision."""
    assert host.one("SUBSIDY_NEED", *TECH, 50, "单位", "万元", *ON) == [[1666.66665]]
    assert host.one("SUBSIDY_NEED", "福州", "order_ranking", "40万元", "tier", "第二档", *ON) == [[7999999.9]]
    assert host.one("SUBSIDY_WHY", "SUBSIDY_NEED", *TECH, 50, "单位", "万元", *ON)[0][0].startswith("要达到 50万元，")
    chance = random.Random("need")
    calls: list[Call] = []
    for document, rule in catalogs.default().rules():
        numbers = [item.name for item in rule.inputs if item.type in ("money", "integer", "rate")]
        for target in (50, "门槛", "下一档", "封顶", chance.choice([0, -5, "很多", "3万元", 0.05, 100000])):
            stated = [item for item in rule.inputs if item.required or chance.random() < 0.3][:8]
            pairs = [part for item in stated for part in (item.name, a_cell(item, chance))]
            if numbers and chance.random() < 0.5:
                pairs += ["按", chance.choice(numbers)]
            args = (document.city, rule.id, target, *pairs, "单位", "万元", "文件", document.key)
            calls += [("SUBSIDY_NEED", args), ("SUBSIDY_WHY", ("SUBSIDY_NEED", *args))]
    good = sum("made" in wanted(*call) for call in calls if call[0] == "SUBSIDY_NEED")
    assert good > 100
    check(host, calls)
    check(host, [("SUBSIDY_NEED", (*TECH, [[50], [60]], "单位", "万元", *ON)), ("SUBSIDY_NEED", (*TECH, [[50], [900]], "单位", "万元", *ON)),
        ("SUBSIDY_WHY", ("SUBSIDY_NEED", *TECH, [[50], [900]], "单位", "万元", *ON)), ("SUBSIDY_NEED", (*TECH, 50, "按", "没有", *ON)),
        ("SUBSIDY_NEED", (*TECH, 50, "按", "bond_supported", *ON)), ("SUBSIDY_NEED", (*TECH, None, *ON)),
        ("SUBSIDY_NEED", (*TECH, "下一档", "investment", 3000000, *ON))])  # fmt: skip


def test_rows_without_an_amount(host: Host) -> None:
    """附件3 一: 3 % of 800万元 and of 1000万元; the row between says 很多. A sum over a text would be too small unseen:
    without the pair the whole is an error."""
    rows = [[8000000], ["很多"], [10000000]]
    assert host.one("SUBSIDY", *TECH, rows, *ON).startswith("区域第 2 行：")
    spoken = host.one("SUBSIDY", *TECH, rows, *ON, "出错行", "写明")
    assert [spoken[0], spoken[2]] == [[240000], [300000]]
    assert spoken[1] == ["不能计算：" + host.one("SUBSIDY", *TECH, "很多", *ON)]
    assert host.one("SUBSIDY", *TECH, "很多", *ON, "出错行", "写明") == host.one("SUBSIDY", *TECH, "很多", *ON)
    assert host.one("SUBSIDY", *TECH, rows, *ON, "出错行", "跳过").startswith("出错行：“跳过”不认识")
    assert host.one("SUBSIDY_NEED", *TECH, [[500000], [9000000]], *ON, "出错行", "写明")[1][0].startswith("不能计算：")
    assert host.one("SUBSIDY_MAX", *TECH, rows, *ON, "出错行", "写明")[1][0].startswith("不能计算：")
    assert host.one("RMB_UPPER", [[240000], ["很多"]]) == [
        ["贰拾肆万元整"],
        ["不能计算：" + host.one("RMB_UPPER", "很多")],
    ]
    assert "#REF!" in host.one("SUBSIDY", *TECH, rows, *ON, "出错行", "#REF!")


def test_the_files(folder: Path) -> None:
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"wps.zip"}
    own = {f"{FOLDER}/{name}" for name in ("main.js", "index.html", "ribbon.xml", "manifest.xml", "functions.json")}
    assert names == {README, INSTALL, PUBLISH} | own
    for name in (PUBLISH, f"{FOLDER}/ribbon.xml", f"{FOLDER}/manifest.xml"):
        ElementTree.parse(folder / name)
    (line,) = ElementTree.parse(folder / PUBLISH).getroot()
    assert line.get("url") == FOLDER and line.get("type") == "et"
    script = (folder / INSTALL).read_bytes()
    assert b"\r\n" in script and b"\n" not in script.replace(b"\r\n", b"") and FOLDER in script.decode("gbk")
    told = (folder / README).read_text(encoding="utf-8-sig")
    assert "没有在 WPS 里试过" in told and all(name in told for name in ELSEWHERE)
    functions = json.loads((folder / FOLDER / "functions.json").read_text(encoding="utf-8"))["functions"]
    for function in functions:
        for parameter in function["parameters"]:
            assert any("\u4e00" <= c <= "\u9fff" for c in parameter["description"]), (function["name"], parameter)
    assert main(["package", "wps", "-o", str(folder / "wps.zip")]) == 2, "a file that is there stays"


def test_no_interpreter_goes_into_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["package", "wps", "--python", "a.zip", "-o", str(tmp_path / "a.zip")]) == 2
    assert "没有 Python" in capsys.readouterr().err
