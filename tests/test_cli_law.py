"""rules, show, diff, compare and the rule workbook from the command line: what they print and their exit status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commands import run, run_json


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["--city", "福州", "--theme", "技术改造", "--on", "2026-06-30"], ["scaleup_tech_upgrade", "innovation_center_tech_upgrade", "tech_upgrade", "tech_loan_interest", "srdi_tech_upgrade"]),
        (["--city", "福州", "--theme", "技术改造", "--on", "2026-02-12"], ["scaleup_tech_upgrade", "innovation_center_tech_upgrade", "tech_upgrade", "tech_loan_interest"]),
        (["--city", "fuzhou", "--theme", "技术改造", "--on", "2025-06-30"], ["tech_upgrade"]),
        (["--city", "福州", "--text", "４００万元"], ["dual_cross_platform", "park_infra_interest"]),
        (["--policy", "晋政规〔2023〕11号", "--text", "5g"], ["five_g_project"]),
        (["晋江市", "5G"], ["five_g_project"]),
        (["厦门"], []),
        (["--city", "泉州", "--text", "市科技局"], ["design_voucher"]),
        (["--text", "会展发展专项资金"], ["expo_external"]),
        (["--city", "莆田", "--on", "2026-06-30"], []),
    ],
)  # fmt: skip
def test_rules_are_found(words: list[str], ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    status, data = run_json(capsys, "rules", *words)
    assert [item["id"] for item in data] == ids
    assert status == (0 if ids else 1)


def test_a_theme_that_nobody_has_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, "rules", "--theme", "航天")
    assert status == 1 and "主题有：" in text and "技术改造" in text


def test_show_tells_everything(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, "show", "福州", "技改设备补助")
    assert status == 0
    for told in (
        "条件　同一投资的含增值税金额 ≥ 门槛500万元",
        "条件　项目已享受发改委牵头的超长期特别国债设备更新资金的，不予补助（附件3 七3）",
        "金额　比例3% × 年度技改设备（含软件）实际投资额（不含增值税）",
        "封顶　封顶500万元，每个企业每年，先扣“本企业本年度技改补助已兑现金额”",
        "不填则同“年度技改设备（含软件）实际投资额（不含增值税）”",
        "，与新升规企业技改设备补助（附件1 一 第三句）、",
        "合用",
        "上浮　制造业重点产业链企业",
        "榕政办规〔2024〕13号 六（十五）　智能化技改设备和信息化投资补助　2024-04-15 至 2025-12-31",
        "xlpolicy diff fuzhou-2024-13 fuzhou-2026-5",
    ):
        assert told in text


def test_show_puts_conditions_as_an_official_would(capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, "show", "福州", "tech_loan_interest")[1]
    assert "条件　属技改项目的金融机构贷款\n" in text
    assert "条件　中央设备更新贷款贴息年化比例 ＞ 0 的，须属市重点技改项目（附件3 二 第二句）" in text
    assert "条文　国债支持项目不再享受本专项" in text and "读法　" not in text  # open questions stand as 口径
    text = run(capsys, "show", "福州", "scaleup_loan_interest")[1]
    assert "条件　同一笔贷款已享受其他各级财政贴息" not in text  # why it is refused is not what is asked
    assert "条件　其他各级财政已给予本笔贷款的贴息金额（中央按比例填报的除外） ＝ 0" in text
    assert "已按同一比例兑现" not in run(capsys, "show", "福州", "software_product")[1]  # nothing was scaled down
    assert "性质　　定额" in run(capsys, "show", "晋江", "public_consulting")[1]  # its 20% is a condition


def test_calc_says_who_bears_a_shared_amount(capsys: pytest.CaptureFixture[str]) -> None:
    """1000.10 × 30% ＝ 300.03, 市、县 1:1: the odd fen is the city's; one payer alone needs no line."""
    words = ["calc", "泉州", "platform_build", "1000.10元", "服务的中小企业数=20", "--on", "2023-06-30"]
    assert "资金来源　市级财政 150.02 元、县级财政 150.01 元" in run(capsys, *words)[1]
    assert "资金来源" not in run(capsys, "calc", "福州", "技改设备补助", "800万元", "--on", "2026-06-30")[1]


def test_show_names_what_shuts_out_a_provision_not_what_stands_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    """附件2 七 第二句 is about the centre's own project: every other provision is shut out by that one alone."""
    text = run(capsys, "show", "福州", "设备上平台")[1]
    assert "享受创新中心参照技改的补助　不能同享：制造业创新中心参照技改政策补助（附件2 七 第二句）" in text
    # 附件3 七2: three kinds; the four routes of one kind do not shut one another out there
    text = run(capsys, "show", "福州", "技改设备补助")[1]
    assert "省、市级技改贷款贴息　不能同享：数智化项目软硬件投资补助、技改项目贷款贴息（附件3 七2 前段）" in text
    text = run(capsys, "show", "福州", "innovation_center_tech_upgrade")[1]
    assert "正向激励" not in text  # 附件1 一 末句 names no amount here: nothing to choose against
    text = run(capsys, "show", "福州", "srdi_iur")[1]
    assert "不能同享" not in text  # points to another article and pays nothing


def test_show_tells_quotas_levels_and_tails(capsys: pytest.CaptureFixture[str]) -> None:
    assert "名额　每年 5个" in run(capsys, "show", "莆田", "揭榜挂帅补助")[1]
    assert "国家级 200万元、省级 70万元、市级 30万元" in run(capsys, "show", "福州", "tech_center")[1]
    text = run(capsys, "show", "福州", "双跨平台奖励")[1]
    assert "延续　到期前取得的，自首次入选日期当年起 3年" in text


def test_show_as_data_keeps_the_names_of_the_policy_file(capsys: pytest.CaptureFixture[str]) -> None:
    _, data = run_json(capsys, "show", "福州", "tech_upgrade")
    assert data["amount"] == "rate * investment"
    assert data["in_words"]["amount"] == "比例3% × 年度技改设备（含软件）实际投资额（不含增值税）"
    assert "fz26_project_exclusive" in {c["id"] for c in data["cross_rules"]}
    assert [h["doc"] for h in data["history"]] == ["fuzhou-2024-13"]


@pytest.mark.parametrize("city", ["福州", "泉州", "莆田", "晋江"])
def test_show_prints_every_provision(city: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, rules = run_json(capsys, "rules", "--city", city)
    for rule in rules:
        status, text = run(capsys, "show", city, rule["id"], "--policy", rule["doc"])
        assert status == 0 and rule["title"] in text
        assert "None" not in text and "Decimal" not in text


def test_diff_on_paper_and_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, "diff", "fuzhou-2024-13", "榕政办规〔2026〕5号")
    assert status == 0
    assert "比例 20% 不变；单个平台封顶 200万元 → 100万元，降低" in text
    assert "合计　变化 10 条，新列入 41 条，未列入 12 条，不变 0 条" in text
    status, data = run_json(capsys, "diff", "fuzhou-2024-13", "fuzhou-2026-5")
    assert data["summary"]["lowered"] == 1 and len(data["provisions"]) == 63
    assert run(capsys, "diff", "fuzhou-2024-13", "fuzhou-2027")[0] == 2


def test_compare_on_paper_and_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, "compare", "platform_build", "500万元", "smes=20", "--on", "2026-06-30")
    assert status == 0
    assert "1,000,000.00" in text and "2024-12-31 已失效" in text and "未列入这一条款" in text and "按 1:1 分摊" in text
    assert "共 4 行，其中 3 行算出金额" in text
    _, data = run_json(capsys, "compare", "platform_build", "500万元", "smes=20", "--on", "2026-06-30")
    assert [o["amount"] for o in data["offers"]] == ["1000000.00", "250000.00", None, "500000.00"]
    assert run(capsys, "compare", "platform_build", "1", "2")[0] == 2
    assert run(capsys, "compare", "platform_build", "--on", "昨天")[0] == 2


def test_the_rule_workbook_there_and_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    book = str(tmp_path / "规则簿.xlsx")
    assert run(capsys, "rules", "--to-xlsx", book, "--policy", "putian-draft")[0] == 0
    assert run(capsys, "rules", "--to-xlsx", book)[0] == 2
    status, text = run(capsys, "rules", "--from-xlsx", book)
    assert status == 0 and "1 份文件，0 处改动" in text and "只作了核对" in text
    status, data = run_json(capsys, "rules", "--from-xlsx", book, "--to", str(tmp_path / "out"))
    assert data["files"] == [str(tmp_path / "out" / "putian-draft.yaml")] and data["changes"] == []
    assert run(capsys, "check", str(tmp_path / "out"))[0] == 0


@pytest.mark.parametrize(
    ("words", "got"),
    [
        (["check", "{here}"], "文件夹里没有 .yaml 文件"),
        (["check", "{here}/none.yaml"], "没有这个文件或文件夹"),
        (["audit", "{here}/none"], "不是文件夹"),
        (["settle", "{here}"], "是文件夹"),
        (["form", "fuzhou", "tech_upgrade", "-o", "{here}"], "是文件夹"),
        (["demo", "{here}/full"], "已存在"),
    ],
)
def test_a_wrong_path_is_a_wrong_call(
    words: list[str], got: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "here"
    (here / "full").mkdir(parents=True)
    (here / "full" / "x").touch()
    status, data = run_json(capsys, *(word.format(here=here) for word in words))
    assert status == 2
    assert got in data["error"]["got"]
    assert set(data["error"]) == {"code", "where", "item", "severity", "got", "expected", "remedy", "message"}
    assert data["error"]["remedy"]
    assert data["eligible"] is False


def test_a_full_disk_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device", "台账.xlsx")

    monkeypatch.setattr("xlpolicy.cli.calc.run", full)
    status, text = run(capsys, "calc", "fuzhou", "tech_upgrade")
    assert (status, text) == (2, "台账.xlsx：读写失败（磁盘已满）。请检查磁盘和网络后再试。\n")


def test_cases_that_are_not_utf_8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_bytes("document: 样例".encode("gbk"))
    policy = Path(__file__).parent / "sixth/policies/shili-2026-9.yaml"
    status, text = run(capsys, "check", str(policy), "--cases", str(cases))
    assert status == 1
    assert "cases.yaml：不是 UTF-8 编码的文字" in text


def test_python_m_xlpolicy_is_the_same_command() -> None:
    words = ["calc", "福州", "技改设备补助", "800万元", "--on", "2026-06-30"]
    done = subprocess.run([sys.executable, "-m", "xlpolicy", *words], capture_output=True, text=True, check=True)
    assert "240,000.00 元" in done.stdout  # 800万 × 3%，附件3 一
