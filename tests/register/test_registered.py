"""SUBSIDY_PAID and SUBSIDY_LEFT on a register, worked out by hand; where there is none, true errors with the reason.

附件3 一: 3 % from 500 万元 on, at most 5,000,000 an enterprise and year; 800 万元 → 240,000.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from workingfolder import Bureau, two_received

from xlpolicy.batch import demo
from xlpolicy.cli import main
from xlpolicy.excel.functions.call import XlError
from xlpolicy.excel.functions.registry import BY_NAME
from xlpolicy.excel.pc import own_settings
from xlpolicy.excel.pc.doctor import check_folder
from xlpolicy.excel.pc.install import plan
from xlpolicy.excel.pc.windows import read_conf, this_pc
from xlpolicy.register.folder import IN_USE
from xlpolicy.register.paying import returned, take_back

TECH = ("福州", "技改设备补助")
ONE, TWO = (str(demo.enterprise(n)["ent_uscc"]) for n in (1, 2))
#: a good code that nobody in the register has
STRANGER = "91350100M000100Y43"


@pytest.fixture
def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    made = two_received(tmp_path)
    monkeypatch.setenv(IN_USE, str(made.folder.path))
    return made


def call(name: str, *args: Any) -> Any:
    return BY_NAME[name].answer(*args)


def paid(code: Any, year: Any = 2026, *more: Any) -> Any:
    return call("SUBSIDY_PAID", *TECH, code, year, *more)


def left(code: Any, year: Any = 2026, *more: Any) -> Any:
    return call("SUBSIDY_LEFT", *TECH, code, year, *more)


def test_what_is_planned_is_taken_and_what_left_is_paid(bureau: Bureau) -> None:
    assert (paid(ONE), left(ONE)) == (0.0, 5_000_000.0)
    bureau.review(dict.fromkeys(("2026-00001", "2026-00002")))
    bureau.settle()
    made = bureau.plan()
    assert (paid(ONE), left(ONE)) == (0.0, 4_760_000.0)
    bureau.confirm(made)
    assert (paid(ONE), left(ONE), paid(TWO)) == (240_000.0, 4_760_000.0, 150_000.0)
    assert paid([[ONE], [TWO], [None], [STRANGER]], 2026, "万元") == [[24.0], [15.0], [""], [0.0]]
    assert paid(demo.enterprise(1)["ent_name"], "2026年") == 240_000.0
    assert (paid(ONE, 2025), left(ONE, 2025)) == (0.0, 5_000_000.0)
    assert call("SUBSIDY_PAID", "福州", "digital_project", ONE, 2026) == 0.0

    by_holder = {t.holder: t.number for t in made.transfers}
    name = str(demo.enterprise(1)["ent_name"])
    take_back(bureau.register, by_holder[name], Decimal(40_000), who="甲", on=dt.date(2026, 8, 1), note="核减")
    returned(
        bureau.register,
        by_holder[str(demo.enterprise(2)["ent_name"])],
        who="甲",
        on=dt.date(2026, 8, 1),
        note="账号有误",
    )
    assert (paid(ONE), left(ONE)) == (200_000.0, 4_800_000.0)
    assert (paid(TWO), left(TWO)) == (0.0, 5_000_000.0)
    assert call("SUBSIDY_WHY", "SUBSIDY_LEFT", *TECH, ONE, 2026) == (
        "每个企业每年封顶 5,000,000元，已占用 200,000元，还剩 4,800,000元（附件3 一）"
    )


def test_what_the_bureau_states_as_paid_takes_of_the_limit(bureau: Bureau) -> None:
    """The fact names the enterprise by its name alone: 5,000,000 less 1,000,000."""
    prior = {"city": "fuzhou", "rule": "tech_upgrade", "year": 2026, "amount": "1000000"}
    bureau.settle(2026, prior_payments=[{"enterprise": str(demo.enterprise(1)["ent_name"]), **prior}])
    assert (paid(ONE), left(ONE), left(TWO)) == (0.0, 4_000_000.0, 5_000_000.0)
    assert "核算事实另填已兑付 1,000,000元，不在内" in call("SUBSIDY_WHY", "SUBSIDY_PAID", *TECH, ONE, 2026)


def test_nothing_is_written(bureau: Bureau) -> None:
    before = bureau.register.head()
    paid(ONE), left(ONE)
    assert bureau.register.head() == before and bureau.proved()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ((*TECH, "某公司", 2026), "invalid_input", "登记库里没有“某公司”"),
        ((*TECH, ONE, "今年"), "invalid_input", "年度"),
        ((*TECH, ONE, None), "invalid_input", "年度：没有写"),
        ((*TECH, ONE, 2019), "not_in_force", "2019 年没有施行的"),  # 榕2024 begins on 2024-04-15, 榕2026 ends with 2030
        ((*TECH, ONE, 2031), "not_in_force", "2031 年没有施行的"),
        (("莆田", "platform_new_enterprise", ONE, 2026), "not_in_force", "征求意见稿"),
        (("福州", "没有这条", ONE, 2026), "unknown_rule", "没有“没有这条”"),
        (("福州", "技改项目贷款贴息", ONE, 2026), "not_computable", "本条没有按企业的封顶"),
    ],
)
def test_true_errors_with_a_reason(bureau: Bureau, args: tuple[Any, ...], code: str, said: str) -> None:
    found = call("SUBSIDY_LEFT", *args)
    assert isinstance(found, XlError) and found.code == code and said in found.message
    assert call("SUBSIDY_WHY", "SUBSIDY_LEFT", *args) == found.message


def test_a_folder_that_is_none_and_an_older_register(
    bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bureau.register.transaction() as connection:
        connection.exec_driver_sql("UPDATE meta SET value = '1' WHERE name = 'version'")
    assert paid(ONE).text == "#N/A" and "xlpolicy status" in paid(ONE).message
    monkeypatch.setenv(IN_USE, str(tmp_path))
    assert paid(ONE).text == "#N/A" and f"{tmp_path} 不是工作文件夹" in paid(ONE).message


def test_install_and_the_add_in_note_the_folder(
    bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pc = this_pc().__class__(**{**vars(this_pc()), "home": tmp_path, "encoding": "utf-8"})
    (noted,) = [action for action in plan(pc, tmp_path / "x") if action.path == pc.user_conf]
    pc.user_conf.parent.mkdir()
    pc.user_conf.write_bytes(noted.content)
    assert read_conf(pc.user_conf, "utf-8")[IN_USE] == str(bureau.folder.path)
    monkeypatch.delenv(IN_USE)
    assert (check_folder(pc).state, check_folder(pc).got) == ("正常", str(bureau.folder.path))
    own_settings.use(pc)
    assert paid(ONE) == 0.0
    monkeypatch.setenv(IN_USE, str(tmp_path / "移走了"))
    assert check_folder(pc).state == "不行" and "--folder" in check_folder(pc).remedy
    oxt = tmp_path / "a.oxt"
    assert main(["excel", "oxt", "-o", str(oxt), "--folder", str(bureau.folder.path)]) == 0
    assert ZipFile(oxt).read("folder.txt").decode().strip() == str(bureau.folder.path)
    assert main(["excel", "oxt", "-o", str(oxt), "--force", "--folder", str(tmp_path)]) == 2
