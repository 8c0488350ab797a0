"""status, replay and reconcile over a small story: received, reviewed, settled, paid, sent back. Sums by hand."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from workingfolder import Bureau, downgrade

from xlpolicy.batch import demo
from xlpolicy.cli import main
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.law.adopted import Adopted
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.encoding import encode
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.register.database import RegisterError
from xlpolicy.register.duplicates import PROJECTS, alike
from xlpolicy.register.paying import returned, take_back
from xlpolicy.register.policies import document_of, document_text
from xlpolicy.register.proof import verify
from xlpolicy.register.reconcile import reconcile
from xlpolicy.register.replay import otherwise, replay
from xlpolicy.register.status import status

ONE, TWO, THREE = (f"2026-0000{n}" for n in (1, 2, 3))
DAY = dt.date(2026, 7, 25)


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """800 万元 reviewed to 200,000; 500 万元 as computed, 150,000; 600 万元 (180,000) not reviewed; one to be mended."""
    made = Bureau(tmp_path / "2026技改")
    for number, investment in enumerate((800, 500, 600, "约300"), 1):
        made.form(number, investment)
    made.fill(received_from="鼓楼区")
    made.review({ONE: 200000, TWO: None})
    made.settle()
    return made


def test_status_says_what_waits(bureau: Bureau) -> None:
    found = status(bureau.register)
    assert found.states == {"待审定": (1, Decimal("180000.00")), "待列入拨付": (2, Decimal("350000.00"))}
    assert (found.computed, found.reviewed, found.paid) == (Decimal("570000.00"), Decimal("350000.00"), 0)
    assert [notice.file for notice in found.notices] == ["04.xlsx"]
    plan = bureau.plan(share=Decimal("0.5"))
    assert status(bureau.register).states["待拨付"] == (2, Decimal("175000.00"))
    bureau.confirm(plan)
    found = status(bureau.register)
    assert found.states["部分拨付"] == (2, Decimal("175000.00")) and found.paid == Decimal("175000.00")
    bureau.confirm(bureau.plan())
    assert status(bureau.register).states["已拨付"] == (2, Decimal("350000.00"))


def test_a_payment_is_computed_again_from_what_is_stored(bureau: Bureau) -> None:
    plan = bureau.plan()
    bureau.confirm(plan)
    take_back(bureau.register, plan.transfers[0].number, Decimal(10000), who="甲", on=DAY, note="退货")
    found = replay(bureau.register, plan.transfers[0].number)
    assert found.agrees
    assert [(what, again) for what, _, again in found.amounts] == [
        ("测算额", Decimal("240000.00")), ("应付", Decimal("200000.00")), ("其中本级出资", Decimal("200000.00")),
    ]  # fmt: skip
    kinds = list(dict.fromkeys(kind for kind, _ in found.trail))
    assert kinds == ["申报", "收件", "填报", "测算", "审定", "核算", "核减", "计划", "拨付", "收回"]
    said = dict(found.trail)
    assert "01.xlsx，2026-001 批" in said["收件"] and "鼓楼区报来" in said["收件"] and "按凭证核减" in said["审定"]


def test_every_payment_of_two_settlements_is_computed_again(bureau: Bureau) -> None:
    """The second settlement takes the first one's payments from the register."""
    bureau.confirm(bureau.plan())
    bureau.form(1, 900, prj_name="二期", name="二期.xlsx")
    bureau.form(3, 200, name="下半年.xlsx", prj_name="另一个")
    bureau.fill()
    bureau.review({THREE: None, "2026-00004": None, "2026-00005": None})
    bureau.settle()
    bureau.confirm(bureau.plan())
    numbers = [t.number for s in bureau.standings() for t in s.transfers]
    assert len(numbers) == 4 and all(replay(bureau.register, number).agrees for number in numbers)


def changed_law() -> Catalog:
    """附件3 一 at 4% instead of 3%."""
    documents = dict(catalog.default().documents)
    source = documents["fuzhou-2026-5"].source
    start = source.index("\n- id: tech_upgrade\n")
    changed = source[:start] + source[start:].replace("3%", "4%", 1)
    documents["fuzhou-2026-5"] = replace(compile_text(changed, "fuzhou-2026-5.yaml"), source=changed)
    return Catalog(documents.values())


def test_another_law_today_changes_no_payment_and_is_listed(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """800 万元 at 4% is 320,000."""
    plan = bureau.plan()
    bureau.confirm(plan)
    assert otherwise(bureau.register, catalog.default(), 2026) == (3, [])
    changed = changed_law()
    monkeypatch.setattr(catalog, "default", lambda: changed)
    assert replay(bureau.register, plan.transfers[0].number).agrees
    count, found = otherwise(bureau.register, changed, 2026)
    assert count == 3
    assert [(x.number, x.what, f"{x.stored}", f"{x.now}") for x in found] == [
        (ONE, "测算", "240000.00", "320000.00"),
        (TWO, "测算", "150000.00", "200000.00"),
        (THREE, "测算", "180000.00", "240000.00"),
        (THREE, "核算 2026-H001", "180000.00", "240000.00"),
    ]  # what was reviewed is paid as reviewed
    assert found[0].why.startswith("政策数据变了：原 比例3%") and "今 比例4%" in found[0].why
    assert otherwise(bureau.register, changed, 2025) == (0, [])


def test_a_payment_that_was_tampered_with_does_not_agree(bureau: Bureau) -> None:
    plan = bureau.plan()
    with bureau.register.connecting() as connection:
        connection.execute(text("DROP TRIGGER no_update_decisions"))
        connection.execute(text("UPDATE decisions SET amount = 25000000 WHERE id = 1"))
    assert not replay(bureau.register, plan.transfers[0].number).agrees


def test_what_an_auditor_finds(bureau: Bureau) -> None:
    plan = bureau.plan()
    bureau.confirm(plan)
    assert [(x.kind, x.where) for x in reconcile(bureau.register)] == [("拨付未公示", ONE), ("拨付未公示", TWO)]


def test_published_and_not_paid(bureau: Bureau) -> None:
    path = bureau.folder.out / "审核台账.xlsx"
    bureau.review({})
    bureau.edit(path, {"P4": "无异议", "Q4": "2026-07-10"})
    from xlpolicy.register.review import load

    load(bureau.register, path, who="甲")
    assert [(x.kind, x.where) for x in reconcile(bureau.register)] == [("公示未拨付", ONE)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_a_banks_list(bureau: Bureau, tmp_path: Path, encoding: str) -> None:
    plan = bureau.plan()
    bureau.confirm(plan)
    one, two = plan.transfers
    lines = [
        "某银行清单,,", "拨付编号,金额（元）,账号", f"{one.number},200000.00,{one.account}", f"{two.number},\"150,000.01\",6200",
        "BF2026-001-0099,1.00,", "合计,350001.01,",
    ]  # fmt: skip
    path = tmp_path / "银行.csv"
    path.write_text("\n".join(lines), encoding)
    found = [(x.kind, x.what) for x in reconcile(bureau.register, path) if x.kind != "拨付未公示"]
    assert [kind for kind, _ in found] == ["账号不符", "银行多付", "金额不符"]
    assert "150,000.01" in found[2][1] and "150,000.00" in found[2][1]
    path.write_text(f"拨付编号,金额\n{one.number},200000\n", encoding)
    assert [x.kind for x in reconcile(bureau.register, path) if x.kind != "拨付未公示"] == ["银行未付"]


def test_a_refused_transfer_that_the_bank_did_not_pay_fits(bureau: Bureau, tmp_path: Path) -> None:
    plan = bureau.plan(only=[ONE])
    bureau.confirm(plan)
    returned(bureau.register, plan.transfers[0].number, who="甲", on=DAY, note="户名不符")
    path = tmp_path / "银行.csv"
    path.write_text("拨付编号,金额\n", "utf-8")
    assert reconcile(bureau.register, path) == []


def test_the_commands(bureau: Bureau, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(bureau.folder.path)
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "收件 1 批 4 份，申报 3 笔" in out and "等企业补正 1 份" in out and "xlpolicy pay plan" in out
    plan = bureau.plan()
    bureau.confirm(plan)
    assert main(["replay", plan.transfers[0].number]) == 0
    out = capsys.readouterr().out
    assert "一致" in out and "比例3%" in out
    assert main(["replay", "BF2026-001-0009"]) == 1
    assert main(["replay"]) == 2
    assert main(["replay", "--year", "2026"]) == 0
    assert "今天重算不一样的 0 处" in capsys.readouterr().out
    assert main(["reconcile"]) == 1
    assert "拨付未公示" in capsys.readouterr().out
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["paid"] == "350000.00"


def test_a_bureaus_option_is_stored_with_the_law_and_named_where_it_changes(bureau: Bureau) -> None:
    """口径 vat_threshold: the threshold asks the amount with tax, or net; the text stored is the YAML with the option."""
    own = catalog.default().adopting({"fuzhou-2026-5:vat_threshold": Adopted("net", "某文")})
    digest, content = document_text(own.documents["fuzhou-2026-5"])
    again = document_of(content, "")
    assert document_text(again) == (digest, content) and encode(again) == encode(own.documents["fuzhou-2026-5"])
    assert again.adopted == {"vat_threshold": "某文"} and content.partition("\n")[2] == again.source
    with pytest.raises(RegisterError, match="读不了"):
        document_of(content.replace("rules:", "没有这个词:"), "BF2026-001-0001")


def test_the_first_version_of_the_register_gets_the_states_of_its_claims(bureau: Bureau) -> None:
    bureau.confirm(bureau.plan())
    before = status(bureau.register)
    with bureau.register.connecting() as connection:
        downgrade(connection, 1)
    again = bureau.folder.open()
    assert status(again) == before and bureau.proved()
    assert before.states == {"待审定": (1, Decimal("180000.00")), "已拨付": (2, Decimal("350000.00"))}


def test_a_state_that_is_not_what_the_record_says_is_told(bureau: Bureau) -> None:
    with bureau.register.connecting() as connection:
        connection.execute(text("UPDATE states SET paid = 100 WHERE claim = 1"))
    assert ["2026-00001 的状态与登记的数据不符" in problem for problem in verify(bureau.register).problems] == [True]


def test_what_may_be_one_thing_twice_is_shown_side_by_side(bureau: Bureau) -> None:
    """A project told a little differently for another provision; a second phase is no such thing; one account of two."""
    valve = "年产10万件智能阀门技术改造项目"
    bureau.form(5, 800, prj_name=valve)
    bureau.form(5, 600, prj_name=f"{valve}（二期）", name="05二期.xlsx")
    bureau.form(5, 1000, rule="digital_project", prj_name="年产10万件智能阀门技改项目", name="05数智化.xlsx")
    bureau.form(6, 800, ent_name="示例企业05（福州）有限公司", ent_account="6200000000000000005", prj_name="另一个")
    bureau.fill()
    found = {(x.kind, len(x.where.split("、"))) for x in reconcile(bureau.register)}
    assert found == {("项目名称相近", 2), ("一个账号两家用", 4), ("单位名称相近", 4)}
    (near,) = [x.what for x in reconcile(bureau.register) if x.kind == "项目名称相近"]
    assert "240,000.00 元" in near and " ｜ " in near and "技改项目”" in near


def test_one_address_of_two_enterprises_is_shown_as_each_wrote_it(tmp_path: Path) -> None:
    """A bureau that asks for addresses in its own form: 甲路 8-9号 in two writings, another house, and no place at all."""
    made = Bureau(tmp_path / "2026技改")
    assert made.folder.form_template is not None
    template = load_workbook(made.folder.form_template)
    template.worksheets[0]["G5"], template.worksheets[0]["H5"] = "经营地址：", "{另填}"
    template.save(made.folder.form_template)
    addresses = (
        "福建省福州市鼓楼区甲路8-9号",
        "鼓楼区甲路 ８－９＃",
        "福州市鼓楼区甲路89号",
        "同注册地址",
        "同注册地址",
    )
    for number, address in enumerate(addresses, 1):
        path = made.form(number, 800, template=made.folder.form_template)
        book = load_workbook(path)
        book.worksheets[0]["H5"] = address
        book.save(path)
    made.fill()
    (found,) = [x for x in reconcile(made.register) if x.kind == "一个地址两家用"]
    assert found.where == "2026-00001、2026-00002"
    assert all(f"（经营地址：{address}）" in found.what for address in addresses[:2]) and " ｜ " in found.what


def test_one_project_under_two_documents_is_shown(bureau: Bureau) -> None:
    """榕2024 三（十二） 1000万×20%=200万, beside 技改 800万×3%=24万 of 2026; the name in other letters."""
    document = catalog.default().document("fuzhou-2024-13")
    rule = document.rules["digital_project"]
    values = {
        **plainly(layout(document, rule)), **demo.enterprise(1), "prj_name": "ＭＥＳ 改造",
        "prj_applied_on": dt.date(2025, 11, 1), "prj_fact_on": 2025, "in_investment": 1000,
    }  # fmt: skip
    write_form(document, rule, bureau.folder.inbox / "旧文件.xlsx", prefill=values)
    bureau.form(1, 800, prj_name="mes改造", name="新文件.xlsx")
    bureau.fill()
    (found,) = [x for x in reconcile(bureau.register) if x.kind == "一个项目两份文件"]
    assert "榕政办规〔2024〕13号" in found.what and "榕政办规〔2026〕5号" in found.what
    assert "2,000,000.00 元" in found.what and "240,000.00 元" in found.what


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("福州示例机械制造", "福州示例机械制造厂", True),
        ("示例企业01", "示例企业02", False), ("技改一期", "技改二期", False),
        ("智能阀门技术改造项目", "智能阀门技改项目", True), ("数字化车间", "光伏电站", False), ("", "", False), ("甲", "甲", True),
    ],
)  # fmt: skip
def test_names_that_are_much_the_same(one: str, two: str, expected: bool) -> None:
    assert alike(one, two, PROJECTS) is expected
