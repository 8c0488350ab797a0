"""What a form says about how it is filled in."""

from __future__ import annotations


def how_to_fill(unit: str, vouchers: str) -> tuple[str, ...]:
    """How a form is filled in; `vouchers`: the sheet of its invoices, "" where it has none."""
    listed = f"发票逐张填入“{vouchers}”，次序与所附凭证一致。" if vouchers else ""
    return (
        "1. 只填浅色格；带 * 的必填，其余没有可不填。不要增删行列、改动栏目名称。",
        f"2. 金额一律按{unit}填数字，不写单位、不写“约”，保留两位小数；含税、不含税按栏目要求。",
        "3. 有下拉箭头的格从中选一项；日期写成 2026-06-30。开户户名须与单位名称、银行记载一致。",
        f"4. {listed}填好后以统一社会信用代码为文件名发回。",
    )
