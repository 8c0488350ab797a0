"""Invoices after the public structure of 数电票 XML and OFD packages, plainly fictitious; and forms that list them."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from test_personal_forms import plan_of

from xlpolicy.batch import demo
from xlpolicy.forms.issue import Issue
from xlpolicy.forms.personal import Author
from xlpolicy.forms.plain_answers import plainly

SELLER, SELLER_CODE = "示例设备制造有限公司", "91350100MA00000000"


@dataclass(frozen=True)
class Made:
    number: str
    net: Decimal
    buyer: str
    buyer_code: str
    issued: str = "2026-03-15"
    goods: str = "*专用设备*数控机床"
    tax: Decimal | None = None
    total: Decimal | None = None

    @property
    def own_tax(self) -> Decimal:
        return self.tax if self.tax is not None else (self.net * Decimal("0.13")).quantize(Decimal("0.01"))

    @property
    def own_total(self) -> Decimal:
        return self.total if self.total is not None else self.net + self.own_tax


def xml(made: Made) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><Header><EIid>{made.number}</EIid><EInvoiceTag>SWEI3200</EInvoiceTag><Version>0.2</Version></Header>
<EInvoiceData><SellerInformation><SellerIdNum>{SELLER_CODE}</SellerIdNum><SellerName>{SELLER}</SellerName></SellerInformation>
<BuyerInformation><BuyerIdNum>{made.buyer_code}</BuyerIdNum><BuyerName>{escape(made.buyer)}</BuyerName></BuyerInformation>
<BasicInformation><TotalAmWithoutTax>{made.net}</TotalAmWithoutTax><TotalTaxAm>{made.own_tax}</TotalTaxAm>
<TotalTax-includedAmount>{made.own_total}</TotalTax-includedAmount><RequestTime>{made.issued} 10:00:00</RequestTime></BasicInformation>
<IssuItemInformation><ItemName>{escape(made.goods)}</ItemName><Amount>{made.net}</Amount><TaxRate>0.13</TaxRate><ComTaxAm>{made.own_tax}</ComTaxAm></IssuItemInformation>
</EInvoiceData><TaxSupervisionInfo><InvoiceNumber>{made.number}</InvoiceNumber><IssueTime>{made.issued}</IssueTime></TaxSupervisionInfo></EInvoice>
""".encode()


def xbrl(made: Made, *, code: str, number: str) -> bytes:
    """会计数据 of an invoice with code and number, after the public taxonomy."""
    party = "TaxpayerIdentificationNumberUnifiedSocialCreditCodeOf"
    facts = {
        "UniqueCodeOfInvoice": code + number, "CodeOfInvoice": code, "NumberOfInvoice": number, "DateOfIssue": made.issued,
        "NameOfPurchaser": made.buyer, f"{party}Purchaser": made.buyer_code, "TotalAmountExcludingTax": made.net,
        "TotalTaxAmount": made.own_tax, "TaxIncludedAmountInFigures": made.own_total,
        "NameOfTaxableGoodsOrServices": made.goods, "TaxAmount": made.own_tax, "NameOfSeller": SELLER, f"{party}Seller": SELLER_CODE,
    }  # fmt: skip
    body = "".join(f"<inv:{name}><![CDATA[{value}]]></inv:{name}>" for name, value in facts.items())
    return f'<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:inv="urn:inv">{body}</xbrl>'.encode()


def ofd(made: Made, attached: bytes = b"") -> bytes:
    """A package of one page whose attachment holds the invoice, as 数电票 in OFD has it; or another attachment."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    parts = {
        "OFD.xml": f'<ofd:OFD {space} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>',
        "Doc_0/Document.xml": f'<ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 140</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages><ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>',
        "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {space}><ofd:Content/></ofd:Page>",
        "Doc_0/Attachs/Attachments.xml": f'<ofd:Attachments {space}><ofd:Attachment ID="1" Name="original_invoice" Format="xml"><ofd:FileLoc>original_invoice.xml</ofd:FileLoc></ofd:Attachment></ofd:Attachments>',
        "Doc_0/Attachs/original_invoice.xml": f"""<eInvoice xmlns="http://www.edrm.org.cn/schema/e-invoice/2019"><InvoiceNo>{made.number}</InvoiceNo><IssueDate>{made.issued}</IssueDate>
<Buyer><BuyerName>{escape(made.buyer)}</BuyerName><BuyerTaxID>{made.buyer_code}</BuyerTaxID></Buyer><Seller><SellerName>{SELLER}</SellerName><SellerTaxID>{SELLER_CODE}</SellerTaxID></Seller>
<TaxExclusiveTotalAmount>{made.net}</TaxExclusiveTotalAmount><TaxTotalAmount>{made.own_tax}</TaxTotalAmount><TaxInclusiveTotalAmount>{made.own_total}</TaxInclusiveTotalAmount>
<GoodsInfos><GoodsInfo><Item>{escape(made.goods)}</Item><Amount>{made.net}</Amount></GoodsInfo></GoodsInfos></eInvoice>""",
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            text = attached.decode() if attached and name.endswith("original_invoice.xml") else text
            package.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


@cache
def author() -> Author:
    return Author(plan_of())


def form(number: int, listed: list[tuple[Made, dict[str, Any]]], **values: Any) -> bytes:
    """A filled form of 示例企业NN whose voucher sheet lists these invoices; the dict changes what it says of one."""
    fields = {**plainly(plan_of()), **demo.enterprise(number), "prj_start": None, "prj_end": None, **values}
    data = author().made(
        {k: v for k, v in fields.items() if v is not None}, Issue("FB2026-001", number, str(fields["ent_uscc"]))
    )
    said: dict[str, Any] = {}
    for row, (made, other) in enumerate(listed, 4):
        line = {"C": made.number, "D": made.issued, "E": made.net, "F": made.own_tax, "G": made.issued, **other}
        said |= {f"{column}{row}": value for column, value in line.items()}

    def put(match: re.Match[str]) -> str:
        value = said.pop(match[1], None)
        if value is None:
            return match[0]
        if isinstance(value, str):
            return f'<c r="{match[1]}"{match[2]} t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c r="{match[1]}"{match[2]}><v>{value}</v></c>'

    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made_zip,
    ):
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet2.xml":
                part = re.sub(r'<c r="([A-G]\d+)"( s="\d+")?(?: t="n")?\s*(?:/>|></c>)', put, part.decode()).encode()
            made_zip.writestr(name, part)
    assert not said, said
    return out.getvalue()


def buyer(number: int) -> dict[str, str]:
    own = demo.enterprise(number)
    return {"buyer": str(own["ent_name"]), "buyer_code": str(own["ent_uscc"])}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder
