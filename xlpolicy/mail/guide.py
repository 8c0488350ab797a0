"""申报通知 and 申报指南 of a provision as letters: who, conditions, papers, until when, how it is computed, from the law's own data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

from xlpolicy.faults import NotComputable
from xlpolicy.forms.asked import papers
from xlpolicy.forms.layout import layout
from xlpolicy.law.in_force import Found, period
from xlpolicy.law.records import Document, Rule
from xlpolicy.mail.compose import day_of
from xlpolicy.mail.docx_template import fill_docx
from xlpolicy.mail.letters import office_facts, template_of
from xlpolicy.register.folder import Folder
from xlpolicy.sheets.files import write_atomically
from xlpolicy.words.effects_told import funding
from xlpolicy.words.inputs import asked
from xlpolicy.words.shown import nature_word
from xlpolicy.words.wording import condition, figure_text, formula, limit_text, scope_words

GUIDES: Mapping[str, str] = {"申报通知": "申报通知.docx", "申报指南": "申报指南.docx"}


def write_guide(
    found: Found, kind: str, path: Path, office: Mapping[str, str], *, folder: Folder | None = None, year: str = "", due: str = "",
    force: bool = False, on: dt.date | None = None,
) -> Path:  # fmt: skip
    """The paper of one provision. Raises NotComputable for one that has no form, TemplateError, FileExistsError."""
    document, rule = found.document, found.article
    if rule.amount is None:
        raise NotComputable(
            f"“{rule.title}”不在本文件计算金额，没有申报指南", where=f"{document.name} {rule.at}",
            remedy=f"按下列去处办理：{rule.refer_to}",
        )  # fmt: skip
    day = on or dt.date.today()
    facts = office_facts(office, day) | {
        "条款": rule.title, "文件标题": document.title, "文号依据": document.number or "征求意见稿", "位置": rule.at,
        "年度": year or str(day.year), "对象": f"{rule.recipient or '（文件未写明）'}。", "交回期限": day_of(due, "（日期）"),
        "有效期": "未施行（征求意见稿）" if document.draft else "至".join(
            day_of(day.isoformat()) if day else "（未定）" for day in period(document, rule)
        ),
        "资金": funding(document, rule), "责任单位": "、".join(rule.departments) or "未写明",
        "另见": "".join(f"{text.rstrip('。')}。" for text in rule.applies),
    }  # fmt: skip
    lists = {
        "条件": _numbered(_conditions(rule), "文件没有另外的条件。"),
        "标准": [{"文字": text} for text in _standard(rule)],
        "材料": _numbered(papers(rule), "按申请表附件清单。", first=2 if kind == "申报通知" else 1),
        "填报": _numbered(_fields(document, rule), "没有要填的数据。"),
        "口径": _told(list(_readings(document, rule))),
    }  # fmt: skip
    write_atomically(path, fill_docx(template_of(folder, GUIDES[kind]), facts, lists), force=force)
    return path


_DIGITS = "〇一二三四五六七八九"


def _chinese(number: int) -> str:
    """1 -> 一, 12 -> 十二 (up to 99)."""
    tens, ones = divmod(number, 10)
    return (("" if tens == 1 else _DIGITS[tens]) + "十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")


def _numbered(texts: Mapping[str, object] | Iterator[str], without: str, first: int = 1) -> list[dict[str, str]]:
    listed = list(texts)
    if not listed:
        return [{"文字": without}]
    ends = ["；"] * (len(listed) - 1) + ["。"]
    return [
        {"文字": f"（{_chinese(n)}）{text.rstrip('。；')}{end}"} for n, (text, end) in enumerate(zip(listed, ends, strict=True), first)
    ]  # fmt: skip


def _told(readings: list[str]) -> list[dict[str, str]]:
    """How the bureau reads what is left open, a paragraph each."""
    return [{"文字": "文件没有写明的，本单位按下列处理："}, *_numbered(iter(readings), "")] if readings else []


def _conditions(rule: Rule) -> Iterator[str]:
    """What must hold, as the law has it."""
    for line in rule.conditions:
        if line.source:
            yield f"{condition(rule, line)}{f'（{line.at}）' if line.at else ''}"


def _standard(rule: Rule) -> Iterator[str]:
    """How the amount comes about, and what bounds it."""
    assert rule.amount is not None
    yield f"补助金额 ＝ {formula(rule, rule.amount)}（{nature_word(rule)}）。"
    for line in rule.terms:
        yield f"其中，{line.label} ＝ {formula(rule, line)}。"
    said = [*_conditions(rule), formula(rule, rule.amount), *(formula(rule, line) for line in rule.terms)]
    for limit in rule.limits:
        said.append(limit_text(rule, limit))
        yield f"{said[-1]}。"
    for figure in rule.figures.values():  # tables, and numbers that no formula names: how many, how often, for how long
        if figure.table is not None or not any(figure.text in text for text in said):
            yield f"{figure.label}：{figure_text(rule, figure)}。"
    if rule.once:
        yield f"{scope_words(rule, rule.once)}只兑付一次。"
    if rule.nature == "upper_bound":
        yield "以上为文件规定的上限，实际补助不超过本数。"


def _fields(document: Document, rule: Rule) -> Iterator[str]:
    """What the form asks of the provision's own data."""
    plan = layout(document, rule)
    for field in plan.fields:
        if field.group == "in" and field.item is not None:
            yield f"{field.label}（{field.unit}，{'必填' if field.required else asked(rule, field.item)}）"


def _readings(document: Document, rule: Rule) -> Iterator[str]:
    """How the bureau reads what the law leaves open and this provision hangs on."""
    for name in rule.readings:
        reading = document.readings.get(name)
        if reading is not None:
            chosen = reading.option(reading.chosen)
            yield f"{reading.question}：{chosen.label}"
