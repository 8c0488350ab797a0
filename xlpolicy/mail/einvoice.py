"""数电票 as XML (EInvoice) or OFD -> its number, day, parties, amounts and goods. Nothing is verified: whether an invoice is
genuine, nobody can tell offline.

The XML is read here, and so are 会计数据 (XBRL), which some OFD carry instead; OFD by ofdkit, which comes with the extra
`mail`. PDF is not read.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from xlpolicy.faults import PolicyError
from xlpolicy.law.values import parse_date
from xlpolicy.money import ZERO, clean, parse_money
from xlpolicy.sheets.package import Package, Unreadable

READ = (".xml", ".ofd")
PDF = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
#: what an invoice says once
_ONCE = ("TotalAmWithoutTax", "TotalTaxAm", "TotalTax-includedAmount", "InvoiceNumber", "BuyerIdNum", "SellerIdNum")
#: 电子凭证会计数据标准 (XBRL) calls the same things otherwise
_XBRL = {
    "DateOfIssue": "IssueTime", "NameOfPurchaser": "BuyerName", "NameOfSeller": "SellerName", "TotalTaxAmount": "TotalTaxAm",
    "TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfPurchaser": "BuyerIdNum", "NameOfTaxableGoodsOrServices": "ItemName",
    "TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfSeller": "SellerIdNum", "TotalAmountExcludingTax": "TotalAmWithoutTax",
    "TaxIncludedAmountInFigures": "TotalTax-includedAmount", "Remarks": "Remark",
}  # fmt: skip
#: what stands in the place of a tax where none is levied: 免税, 不征税, ***
_NO_TAX = re.compile(r"\**|免税|不征税")
_LARGEST = 20 * 2**20


class InvoiceError(PolicyError):
    """A file that is no invoice, or one that cannot be read."""

    code = "invoice"


@dataclass(frozen=True, slots=True)
class EInvoice:
    """One invoice; amounts in yuan. `number`: with the code of an older invoice before it, whose length is `coded`.
    `goods`: what its lines are called. `file`: where it stands, of which `digest` is the SHA-256.
    """

    number: str
    issued: dt.date | None
    seller: str
    seller_code: str
    buyer: str
    buyer_code: str
    net: Decimal
    tax: Decimal
    total: Decimal
    goods: tuple[str, ...] = ()
    remark: str = ""
    file: str = ""
    coded: int = 0
    digest: str = ""

    @property
    def called(self) -> tuple[str, ...]:
        """What people write for it: its number, an older one's also without the code."""
        return (self.number, self.number[self.coded :]) if self.coded else (self.number,)

    @property
    def red(self) -> bool:
        """Whether it takes back an earlier one."""
        return self.total < 0 or self.net < 0


def read_einvoice(data: bytes, file: str) -> EInvoice:
    """Read an invoice, whatever its name says. Raises InvoiceError."""
    if len(data) > _LARGEST:
        raise InvoiceError("文件太大", where=file, remedy="核对是不是发票")
    if data[:4] == b"%PDF" or file.lower().endswith(PDF):
        raise InvoiceError("未读，请附 XML 或 OFD", where=file, remedy="请对方附上发票的 XML 或 OFD 文件")
    made = _ofd(data, file) if data[:2] == b"PK" else _xml(data, file)
    if not made.number:
        raise InvoiceError("没有发票号码", where=file, expected="数电票的 XML 或 OFD", remedy="核对是不是发票")
    return replace(made, file=file)


def _xml(data: bytes, file: str) -> EInvoice:
    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        raise InvoiceError("不是完整的 XML", where=file, remedy="请对方重新下载发票的 XML 文件") from None
    kind = str(root.tag).rpartition("}")[2]
    said: dict[str, str] = {}
    goods = []
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        name = _XBRL.get(name, name) if kind == "xbrl" else name
        text = (element.text or "").strip()
        if name == "ItemName" and text:
            goods.append(text)
        elif text and said.setdefault(name, text) != text and name in _ONCE:
            raise InvoiceError(
                f"{name} 写了两个：{said[name]}、{text}", where=file, remedy="请对方重新下载发票的 XML 文件"
            )
    if kind not in ("EInvoice", "xbrl"):
        raise InvoiceError(
            "不是数电票的 XML", where=file, expected="根元素 EInvoice", remedy="请对方附上税务平台下载的 XML"
        )
    code = said.get("CodeOfInvoice", "") if kind == "xbrl" else ""
    number = said.get("InvoiceNumber") or said.get("EIid") or said.get("NumberOfInvoice", "")
    issued = said.get("IssueTime") or said.get("RequestTime", "")
    return _made(said, file, number=number, code=code, issued=issued, goods=tuple(goods))


def _made(
    said: Mapping[str, str], file: str, *, number: str, code: str, issued: str, goods: tuple[str, ...]
) -> EInvoice:
    net, tax, total = (
        _amount(said, key, file) for key in ("TotalAmWithoutTax", "TotalTaxAm", "TotalTax-includedAmount")
    )
    if net is None and total is None:
        raise InvoiceError("没有金额", where=file, expected="数电票的 XML", remedy="请对方重新下载发票的 XML 文件")
    if tax is None:  # what two of them leave
        tax = total - net if total is not None and net is not None else ZERO
    if net is None:
        net = (total or ZERO) - tax
    if total is None:
        total = net + tax
    return EInvoice(
        clean(code + number), _day(issued), said.get("SellerName", ""), clean(said.get("SellerIdNum", "")).upper(),
        said.get("BuyerName", ""), clean(said.get("BuyerIdNum", "")).upper(), net, tax, total, goods, said.get("Remark", ""),
        coded=len(clean(code)),
    )  # fmt: skip


def _amount(said: Mapping[str, str], key: str, file: str) -> Decimal | None:
    raw = said.get(key, "")
    if key == "TotalTaxAm" and raw and _NO_TAX.fullmatch(raw):
        return ZERO
    try:
        return parse_money(raw) if raw else None
    except ValueError:
        raise InvoiceError(f"金额“{raw[:30]}”读不出来", where=file, remedy="请对方重新下载发票的 XML 文件") from None


def _day(raw: str) -> dt.date | None:
    text = raw.strip().partition(" ")[0].partition("T")[0]
    if len(text) >= 8 and text[:8].isdecimal():
        text = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None


def _ofd(data: bytes, file: str) -> EInvoice:
    try:
        package = Package(data)  # sizes, before anybody else opens it
        from ofdkit import OFDError, extract_invoice
    except Unreadable as failure:
        raise InvoiceError(failure.problem.got, where=file, remedy=failure.problem.remedy) from None
    except ImportError:
        remedy = '运行 pip install "xlpolicy[mail]"，或请对方附 XML'
        raise InvoiceError("是 OFD 文件，没有装读它的部件", where=file, remedy=remedy) from None
    try:
        found: Any = extract_invoice(io.BytesIO(data))
    except (OFDError, ValueError, KeyError, OSError, RecursionError):
        raise InvoiceError("OFD 读不出来", where=file, remedy="请对方附上发票的 XML 文件") from None
    if found is None:
        for inside in _attached(package, file):
            return inside
        raise InvoiceError("是 OFD 文件，里面没有发票的数据", where=file, remedy="请对方附上发票的 XML 文件")
    said = {
        "TotalAmWithoutTax": found.amount_without_tax, "TotalTaxAm": found.tax_amount, "TotalTax-includedAmount": found.total_amount,
        "SellerName": found.seller.name, "SellerIdNum": found.seller.tax_id, "BuyerName": found.buyer.name,
        "BuyerIdNum": found.buyer.tax_id, "Remark": found.note,
    }  # fmt: skip
    goods = tuple(item.name for item in found.items if item.name)
    return _made(
        {k: v for k, v in said.items() if v}, file, number=found.invoice_number or "", code=found.invoice_code or "",
        issued=found.issue_date or "", goods=goods,
    )  # fmt: skip


def _attached(package: Package, file: str) -> Iterator[EInvoice]:
    """The invoices among the XML files that an OFD carries."""
    for name in package.names:
        if "/attach" in name and name.endswith(".xml") and (info := package.find(name)) is not None:
            try:
                yield _xml(package.whole(info), file)
            except (InvoiceError, Unreadable):
                continue
