"""A document that the project does not know, written by the guide: checked, tried, audited and used through --policies."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import run, run_json

from xlpolicy.cli import main
from xlpolicy.faults import PolicyFileError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.reading.schema import PolicyFile
from xlpolicy.law.reading.yamltext import load_yaml
from xlpolicy.law.store import EMBEDDED, load
from xlpolicy.survey.trial import run_cases

SIXTH = Path(__file__).parent / "sixth"
POLICIES, POLICY, CASES = SIXTH / "policies", SIXTH / "policies/shili-2026-9.yaml", SIXTH / "shili-2026-9.cases.yaml"
OWN = ["--policies", str(POLICIES)]


def test_it_is_sound_and_every_case_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, "check", str(POLICIES), "--cases", str(CASES))
    assert status == 0
    assert "34 个，全部相符" in text and "没有问题" in text
    assert "还没有用例" not in text


def test_check_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    status, data = run_json(capsys, "check", str(POLICY), "--cases", str(CASES))
    assert (status, data["ok"], data["problems"], data["hints"]) == (0, True, [], [])
    assert data["documents"] == [
        {"key": "shili-2026-9", "city": "shili", "provisions": 8, "cross_rules": 2, "edited": None}
    ]
    assert data["cases"][str(CASES)] == {"cases": 34, "failed": 0, "untried": []}


def test_the_audit_finds_no_gap(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, "audit", str(SIXTH / "texts"), "--policy", "shili-2026-9", *OWN)
    assert status == 0, text
    assert "0 处缺口" in text


def test_it_is_listed_shown_and_computed(capsys: pytest.CaptureFixture[str]) -> None:
    """一（一） 2500万元×6%＝150万元，恰到封顶"""
    status, rows = run_json(capsys, "rules", "--city", "示例", *OWN)
    assert status == 0 and len(rows) == 8
    status, text = run(capsys, *OWN, "show", "示例市", "规模以下企业节能改造补助")
    assert status == 0 and "比例    6%       一（一）" in text
    status, decision = run_json(capsys, "calc", "示例", "节能改造补助", "2500万元", "--on", "2026-07-01", *OWN)
    assert (status, decision["amount"]) == (0, "1500000.00")


def test_without_the_folder_nobody_knows_it(capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, "calc", "示例", "节能改造补助", "2500万元")
    assert status == 2 and "没有“示例”的政策" in text
    run(capsys, "rules", f"--policies={POLICIES}")
    assert "shili" not in {d.city for d in catalogs.default().documents.values()}


def test_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, text = run(capsys, "rules", "--policies", str(tmp_path / "none"))
    assert status == 1 and "没有这个政策文件夹" in text


@pytest.fixture
def amended(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(POLICY.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_problems_name_file_line_provision_and_remedy(amended: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(amended, "rate: 6%, cap", "rate: 6斤, cap")
    edit(amended, "when: [saved >= threshold]", "when: [save >= threshold]")
    line = next(n for n, t in enumerate(amended.read_text(encoding="utf-8").splitlines(), 1) if "rate: 6斤, cap" in t)
    status, text = run(capsys, "check", str(amended), "--cases", str(CASES))
    assert status == 1
    assert f"own.yaml 第 {line} 行 条款 energy_upgrade" in text
    assert "“6斤”的单位不认识" in text and "是否想写“saved”" in text
    assert "用例未跑" in text


def test_a_case_that_comes_out_otherwise(amended: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """比例改为5%：三个不到封顶的用例不再相符，恰到封顶的和沿用比例的也不再相符"""
    edit(amended, "rate: 6%", "rate: 5%")
    status, text = run(capsys, "check", str(amended), "--cases", str(CASES))
    assert status == 1
    assert "energy_upgrade“恰好200万元”：算出 100,000元（符合）" in text
    assert "应为：120000.00元（符合）" in text
    trial = run_cases(CASES, [load(amended)], catalogs.default())
    wrong = {re.search(r"([a-z_]+)“(.+?)”", p.got)[0] for p in trial.problems}  # type: ignore[index]
    # 已兑现100万元: 2000万元×5%＝100万元, 余下50万元仍是50万元; 超过封顶: 2500.01万元×5%＝1250005元
    assert wrong == {
        "energy_upgrade“恰好200万元”", "energy_upgrade“恰到封顶”", "energy_upgrade“超过封顶”",
        "energy_upgrade“分厘进位”", "energy_upgrade“末日”", "small_energy_upgrade“恰好50万元”",
    }  # fmt: skip
    assert trial.failed == len(wrong)


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("{provision: energy_audit, name: 甲, inputs: {served: 10}, why: 无}", "要么 amount 和 eligible"),
        ("{provision: energy_audi, name: 甲, inputs: {}, amount: '1', eligible: true, why: 无}", "是否想写“energy_audit”"),
        ("{provision: energy_audit, name: 甲, inputs: 10, amount: '1', eligible: true, why: 无}", "inputs 不是"),
        ("{provision: energy_audit, name: 甲, inputs: {served: 10}, amount: '1', eligible: true, why: 无, note: 无}", "note"),
        ("{provision: energy_audit, inputs: {served: 10}, amount: '50000', eligible: true, why: 无}", "缺少 name"),
        ("{provision: energy_audit, name: 甲, inputs: {served: 10}, amount: 五块, eligible: true, why: 无}", "金额"),
        ("{provision: energy_audit, name: 甲, inputs: {served: 10}, error: invalid_input, why: 无}", "算出 50000.00元"),
        ("{provision: energy_audit, name: 甲, inputs: {served: -1}, error: missing_input, why: 无}", "[invalid_input]"),
        ("{provision: energy_audit, name: 甲, inputs: {served: 10}, amount: '50000', eligible: true, why: 无, assumption: 乙}", "没有显示“乙”"),
        ("{provision: energy_audit, name: 甲, inputs: {served: 10}, amount: '50000', eligible: false, why: 无}", "（不符合）"),
        ("不是用例", "不是一个用例"),
    ],
)  # fmt: skip
def test_a_bad_case_is_told(case: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(f'document: shili-2026-9\n"on": "2026-09-01"\ncases:\n- {case}\n', encoding="utf-8")
    problems = run_cases(path, [load(POLICY)], catalogs.default()).problems
    assert any(told in str(problem) for problem in problems), list(map(str, problems))
    assert all(problem.where.startswith("cases.yaml 第 ") for problem in problems)


def test_cases_of_an_unknown_document_or_none_at_all(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text("document: nowhere\ncases: []\n", encoding="utf-8")
    assert "没有代号为“nowhere”的文件" in str(run_cases(path, [load(POLICY)], catalogs.default()).problems[0])
    path.write_text("document: nowhere\n", encoding="utf-8")
    with pytest.raises(PolicyFileError, match="没有 cases"):
        run_cases(path, [load(POLICY)], catalogs.default())


def test_overlapping_documents_are_a_hint(amended: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(amended, "key: shili-2026-9", "key: shili-2027-1")
    edit(amended, "valid_from: 2026-07-01", "valid_from: 2027-01-01")
    status, data = run_json(capsys, "check", str(POLICY), str(amended))
    assert status == 0
    assert len(data["hints"]) == 8
    assert "2027-01-01 至 2028-12-31 与 shili-2027-1 同时施行" in data["hints"][0]["got"]


def test_the_same_key_twice_is_a_problem(amended: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, "check", str(POLICY), str(amended))
    assert status == 1 and "shili-2026-9 已在 shili-2026-9.yaml" in text


def test_wrong_calls(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(capsys, "check")[0] == 2
    assert run(capsys, "check", str(tmp_path / "none.yaml"))[0] == 2


# --- the JSON Schema ---


def refusals(schema: dict[str, Any], item: Any, root: dict[str, Any], path: str = "") -> list[str]:
    """What a JSON Schema (the keywords that pydantic writes) has against some data."""
    if "$ref" in schema:
        return refusals(root["$defs"][schema["$ref"].rpartition("/")[2]], item, root, path)
    if "if" in schema:
        branch = "else" if refusals(schema["if"], item, root, path) else "then"
        return refusals(schema[branch], item, root, path)
    if "anyOf" in schema:
        found = [refusals(option, item, root, path) for option in schema["anyOf"]]
        return [] if not all(found) else min(found, key=len)
    types = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": int | float,
        "null": type(None),
    }
    wanted = schema.get("type")
    if wanted and (not isinstance(item, types[wanted]) or (wanted == "integer" and isinstance(item, bool))):
        return [f"{path}: no {wanted}"]
    if "enum" in schema and item not in schema["enum"]:
        return [f"{path}: {item!r} is none of {schema['enum']}"]
    if "pattern" in schema and not re.search(schema["pattern"], item):
        return [f"{path}: {item!r}"]
    found = []
    if isinstance(item, dict):
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties", True)
        found = [f"{path}: {name} lacking" for name in schema.get("required", ()) if name not in item]
        matched = schema.get("patternProperties", {})
        for name, value in item.items():
            fits = [option for pattern, option in matched.items() if re.search(pattern, name)]
            if fits:
                found += refusals(fits[0], value, root, f"{path}.{name}")
            elif name in known or isinstance(rest, dict):
                found += refusals(known.get(name, rest), value, root, f"{path}.{name}")
            elif rest is False:
                found.append(f"{path}: {name}?")
    if isinstance(item, list):
        for n, value in enumerate(item):
            found += refusals(schema.get("items", {}), value, root, f"{path}[{n}]")
    return found


def as_json(path: Path) -> Any:
    return json.loads(json.dumps(load_yaml(path.read_text(encoding="utf-8"), path.name), default=str))


@pytest.mark.parametrize("path", [*sorted(EMBEDDED.glob("*.yaml")), POLICY], ids=lambda path: path.stem)
def test_the_schema_takes_what_the_compiler_takes(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert refusals(schema, as_json(path), schema) == []


def test_the_schema_refuses_slips() -> None:
    schema = PolicyFile.model_json_schema(by_alias=True)
    data = as_json(POLICY)
    data["provisions"][0]["titel"] = data["provisions"][0].pop("title")
    data["provisions"][1]["nature"] = "fixed"
    data["provisions"][2]["figures"]["award"]["form"] = {}
    assert len(refusals(schema, data, schema)) == 4


def test_the_cases_are_those_of_the_guides_format() -> None:
    head = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    assert head["document"] == "shili-2026-9" and head["on"] == "2026-09-30"


def test_a_case_may_say_which_blank_is_asked(tmp_path: Path) -> None:
    """附件3 一: 450万元 × 113%＝508.5万元可能达500万元，要问；440万元 × 113%＝497.2万元不可能。"""
    path = tmp_path / "用例.yaml"
    case = (
        '- {{provision: tech_upgrade, name: 一, inputs: {{investment: {0}}}, amount: "0.00", eligible: false, '
        "question: investment_with_vat, why: 手算}}\n"
    )
    path.write_text(
        'document: fuzhou-2026-5\n"on": 2026-06-30\ncases:\n' + case.format("450万元") + case.format("440万元"),
        encoding="utf-8",
    )
    trial = run_cases(path, [], catalogs.default())
    assert (trial.cases, trial.failed) == (2, 1)
    assert [p.got for p in trial.problems] == ["tech_upgrade“一”：没有要问的"]
