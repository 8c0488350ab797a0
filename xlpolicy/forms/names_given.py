"""What is given as a name and is none, or more than one: of the enterprise, its project, its loan, the thing it claims for.

In: a form's layout and what it states. Out: the field and the fault.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from xlpolicy.faults import Fault
from xlpolicy.forms.counties import elsewhere
from xlpolicy.forms.layout import Layout, match_text

_KINDS = "(?:公司|厂|院|社|中心|大学|所)"
#: one name behind another
_FIRMS = re.compile(rf"{_KINDS}\s*[、,，;；/&＆和与及]\s*\S.*{_KINDS}$")
_AND_OTHERS = re.compile(r"等[\d一二两三四五六七八九十多数几]*[家户个](?:单位|企业|公司)?$")
#: a code where the name belongs
_CODE = re.compile("[0-9A-Za-z-]{8,}")
#: the names of what is claimed for
_NAMED = ("prj_name", "prj_loan", "prj_object")
#: what a specimen says in place of a name
_SPECIMEN = re.compile("请填|待填|此处填|[×＊*]{2}|(?<![A-Za-z])[Xx]{2,}(?![A-Za-z])")
#: how one speaks of a firm or a project that has no name
_NOBODY = re.compile(r"某某|某(?:公司|企业|厂|单位|项目)|…|\.{3}|_{2}|[○△□]{2}")
_ANY_FIRM = frozenset({"单位名称", "企业名称", "公司名称", "申报单位", "申报企业", "有限公司", "公司"})
_ANY_PROJECT = frozenset({"项目名称", "项目", "申报项目"})
#: what only points somewhere else, or to later
_ELSEWHERE = re.compile(
    "同上|同前|同左|如上|见上|略|详?见.{0,8}(?:附件|附表|附页|材料|合同|上|下|前)|待定|待补.?|待核.?|待确定|不详"
)
#: digits of a phone number: of none there are fewer
_LEAST_PHONE = 7
#: digits that no number has in one piece: an account
_MOST_PHONE = 14
#: what takes a claim back, or says that it is none, at an end of a name or in brackets; 作废票据识别系统 is a project
_BACK = "作废|废止|撤回|撤销|退出申报|不申报|不报|勿计|样表|样例|范例|草稿"
_AT_END = rf"(?:^|\s|[—,，;；])(?:已|已经)?(?:{_BACK})$"
_TAKEN_BACK = re.compile(
    rf"^(?:例如?|如|示例|填写示例|{_BACK})[:：]|[(（\[【](?:{_BACK}|已撤|取消|退出|示例|举例|例)[)）\]】]|{_AT_END}"
)
#: the same of a firm, which may be called 福州（示例）公司
WITHDRAWN = re.compile(rf"[(（\[【](?:{_BACK})[)）\]】]|{_AT_END}")
#: between two things of a kind, and what may follow the name of one
_BETWEEN, _BEHIND = re.compile(r"[\s、;；]+|(?<=\D)[,，](?=\D)"), re.compile(r"[(（][^()（）]*[)）]$")
#: what an end of a word says that is no thing: 数字化、智能化
_MANNER = "化性型式"
#: two numbers of contracts in a cell
_CONTRACTS = re.compile(r"\w*\d\w*号?[、,，;；]\w*\d|号[和及与]\S*\d")


def names(plan: Layout, group: str, said: Mapping[str, Any]) -> Iterator[tuple[str, Fault]]:
    """What is wrong about the names among the answers of a group (ent, prj), each with the key of its field."""
    if group == "prj":
        yield from _things(plan, said)
        return
    yield from _firm(said)
    yield from _reached(said)
    document = plan.document
    if far := elsewhere(str(said.get("county") or ""), document.city_label, document.region):
        remedy = "核对注册地：文件要求在本市的，不予受理"
        yield "ent_county", Fault("other_region", "", "", far, f"{document.city_label}的县区", remedy, "warning")


def _wordless(text: str) -> bool:
    return not any(map(str.isalpha, text))


def _reached(said: Mapping[str, Any]) -> Iterator[tuple[str, Fault]]:
    """What says nobody to ask, no number to call, no bank to pay to."""
    for name, wanted in (
        ("contact", "联系人姓名"), ("legal_person", "法定代表人姓名"), ("bank", "开户银行的全称"), ("county", "县（市、区）"),
    ):  # fmt: skip
        text = str(said.get(name) or "")
        unsaid = _SPECIMEN.search(text) or _ELSEWHERE.fullmatch(match_text(text)) or WITHDRAWN.search(text)
        if unsaid or (name != "bank" and text and _wordless(text)):
            yield f"ent_{name}", replace(_no_name(text, wanted), severity="warning")
    phone = str(said.get("phone") or "")
    longest = max(map(len, re.findall(r"\d+", phone)), default=0)
    if phone and (sum(map(str.isdigit, phone)) < _LEAST_PHONE or longest > _MOST_PHONE):
        got = f"联系电话填的是“{phone}”，打不通"
        yield "ent_phone", Fault("phone", "", "", got, "电话号码", "补填能打通的电话", "warning")


def _firm(said: Mapping[str, Any]) -> Iterator[tuple[str, Fault]]:
    name, holder = said.get("name"), said.get("account_name")
    if not name:
        return
    if _FIRMS.search(name) or _AND_OTHERS.search(name):
        remedy = "一家单位填一份；联合申报的，按文件核对由谁申报、补给谁"
        yield "ent_name", Fault("several_firms", "", "", f"“{name}”像是几家单位", "一家单位的名称", remedy, "warning")
    wanted = "营业执照上的单位全称"
    if WITHDRAWN.search(name):
        yield "ent_name", _taken_back(name, wanted)
    elif _unsaid(name, _ANY_FIRM):
        yield "ent_name", _no_name(name, wanted)
    elif _wordless(name) or _CODE.fullmatch(name):
        yield "ent_name", replace(_no_name(name, wanted), severity="warning")
    bank = str(said.get("bank") or "")
    # often the account once more
    if bank and (_wordless(bank) or match_text(bank) == match_text(name)):
        yield "ent_bank", replace(_no_name(bank, "开户银行的全称"), severity="warning")
    if holder and match_text(name) != match_text(holder):
        got = f"户名“{holder}”与单位名称“{name}”不一致"
        yield "ent_account_name", Fault("account_name", "", "", got, "与单位名称一致", "对照开户许可证核对", "warning")


def _things(plan: Layout, said: Mapping[str, Any]) -> Iterator[tuple[str, Fault]]:
    for field in plan.fields:
        text = said.get(field.name) if field.key in (*_NAMED, "prj_content") else None
        if not isinstance(text, str):
            continue
        if _TAKEN_BACK.search(text):
            fault = _taken_back(text, field.label)
            yield field.key, fault if field.key in _NAMED else replace(fault, severity="warning")
        elif field.key not in _NAMED:
            continue
        elif _unsaid(text, _ANY_PROJECT):
            yield field.key, _no_name(text, field.label)
        elif field.key == "prj_name" and _wordless(text):
            yield field.key, replace(_no_name(text, field.label), severity="warning")
        if field.key != "prj_loan" and _several(text):
            got, remedy = f"“{' '.join(text.split())}”像是几个", "一个填一份（一行）；合起来填的，核对封顶是按哪一个算"
            yield field.key, Fault("several_things", "", "", got, "只填一个", remedy, "warning")
        elif field.key == "prj_loan" and _CONTRACTS.search(text):
            got, remedy = f"“{text}”像是几份合同", "一笔贷款填一份（一行）；核对是不是与另一笔重复"
            yield field.key, Fault("several_contracts", "", "", got, "一份借款合同的编号", remedy, "warning")


def _several(text: str) -> bool:
    """Whether a name is two of one kind, each called what it is: 第1届示例展、第2届示例展.

    >>> _several("第1届示例展、第2届示例展"), _several("渔业、水产博览会"), _several("甲项目（一期）")
    (True, False, False)
    """
    ends = [_BEHIND.sub("", part)[-1:] for part in _BETWEEN.split(text) if part]
    return len(ends) > 1 and len(set(ends)) == 1 and ends[0] > "一" and ends[0] not in _MANNER


def _taken_back(text: str, wanted: str) -> Fault:
    remedy = "看是否申报：不申报的不要报送（明细表里清空这一行），申报的删去这几个字"
    return Fault("taken_back", "", "", f"填的是“{text}”", wanted, remedy)


def _unsaid(name: str, general: Collection[str]) -> bool:
    """Whether what stands in the place of a name names nobody and nothing; `general`: words for any of its kind."""
    plain = match_text(name)
    return bool(_SPECIMEN.search(name) or _NOBODY.search(name) or plain in general or _ELSEWHERE.fullmatch(plain))


def _no_name(text: str, wanted: str) -> Fault:
    return Fault("no_name", "", "", f"填的是“{text}”，不像名称", wanted, "填写全称")
