"""What the tokens of a policy file are called in Chinese, by the lists, forms and commands that show them."""

from __future__ import annotations

NATURES: dict[str, str] = {
    "entitlement": "定额",
    "upper_bound": "最高",
    "discretionary": "按核定",
    "external": "另有规定",
    "pointer": "援引",
}
#: what a scope may be made of, beside inputs, in the order in which it is said
DIMENSIONS: dict[str, str] = {
    "enterprise": "企业",
    "project": "项目",
    "loan": "贷款",
    "object": "对象",
    "session": "场（次）",
    "document": "文件",
    "year": "年",
    "month": "月",
}
#: the usual scopes in the usual words
SCOPES: dict[tuple[str, ...], str] = {
    ("project",): "每个项目",
    ("project", "year"): "每个项目每年",
    ("object",): "每个对象",
    ("object", "year"): "每个对象每年",
    ("session",): "每场（次）",
    ("enterprise", "session"): "每个企业每场（次）",
    ("loan",): "每笔贷款",
    ("enterprise", "year"): "每个企业每年",
    ("enterprise",): "每个企业累计",
    ("document",): "资金总额",
}
MODES: dict[str, str] = {"application": "申请", "autopay": "免申即享"}
COUNTY = "county"
PAYERS: dict[str, str] = {"central": "中央财政", "province": "省级财政", "city": "市级财政", COUNTY: "县级财政"}
#: the same payers where a column is narrow
LEVELS: dict[str, str] = {"central": "中央", "province": "省级", "city": "市级", COUNTY: "县级"}
TYPES: dict[str, str] = {
    "money": "金额",
    "rate": "比例",
    "integer": "整数",
    "boolean": "是/否",
    "enum": "选项",
    "date": "日期",
    "text": "文字",
}
