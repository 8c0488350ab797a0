"""An Outlook .msg file as a mail: needs python-oxmsg, which comes with the extra `mail`."""

from __future__ import annotations

import hashlib
from email.utils import getaddresses
from typing import Any

from xlpolicy.faults import Fault
from xlpolicy.law.values import CHINA
from xlpolicy.mail.incoming import Incoming

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp")
#: PidTagAttachContentId
_CONTENT_ID = 0x3712
#: where an attachment holds a mail of its own instead of bytes (PidTagAttachDataObject), and what only a mail has in it
_INSIDE, _MAIL = "__substg1.0_3701000D", "__properties_version1.0"
_NESTING = 5


def read_msg(data: bytes) -> Incoming:
    """Take a .msg apart. Never raises for what somebody sent, nor where the reader is not installed: it is told."""
    made = Incoming(hashlib.sha256(data).hexdigest())
    try:
        from olefile import OleFileIO
        from oxmsg import Message
        from oxmsg.storage import Storage
    except ImportError:
        remedy = '运行 pip install "xlpolicy[mail]"，或在 Outlook 里另存为 .eml'
        made.faults.append(Fault("mail", got="是 Outlook 的 .msg 文件，没有装读它的部件", remedy=remedy))
        return made
    try:
        with OleFileIO(data) as file:
            root = Storage.from_ole(file)
        mail = Message(root)
        ((made.name, made.sender),) = getaddresses([mail.sender or ""])[:1] or [("", "")]
        made.subject = " ".join(mail.subject.split())
        headers = {key.lower(): value for key, value in mail.message_headers.items()}
        made.message = str(headers.get("message-id", "")).strip()
        made.sent_at = mail.sent_date.astimezone(CHINA).isoformat(timespec="seconds") if mail.sent_date else ""
        _take_all(root, made)
    except Exception:  # whatever a broken file makes the reader say  # noqa: BLE001
        made.faults.append(Fault("mail", got=".msg 文件读不出来", remedy="在 Outlook 里打开后另存为 .eml 再取"))
    return made


def _take_all(storage: Any, made: Incoming, depth: int = 0) -> None:
    """The attachments of a mail and of those forwarded in it."""
    from oxmsg.attachment import Attachment

    for one in storage.iter_attachment_storages():
        inside = next((s for s in one.storages if s.name == _INSIDE), None)
        if inside is not None and depth < _NESTING and any(stream.name == _MAIL for stream in inside.streams):
            _take_all(inside, made, depth + 1)
        else:
            _take(Attachment(one), made)


def _take(attachment: Any, made: Incoming) -> None:
    name = str(attachment.file_name or "")
    content = attachment.file_bytes
    if content is None:
        got = f"附件“{name or '未命名'}”是链接或嵌入的对象，没有解开"
        made.faults.append(
            Fault("mail", made.sender, "", got, "普通附件", "在 Outlook 里打开这封邮件，把里面的附件另存后放进收件")
        )
    elif name.lower().endswith(_PICTURES) and attachment.properties.str_prop_value(_CONTENT_ID):
        made.pictures += 1
    else:
        made.files.append((name or "未命名", content))
