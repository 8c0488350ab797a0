"""An .xlsx that came from somebody, with a few of its parts replaced or added: all others are copied as they are packed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from xlpolicy.sheets.files import Packed, packed, zipped
from xlpolicy.sheets.insert import MOST_BYTES, NotExtendable
from xlpolicy.sheets.package import Package, Unreadable, not_utf8
from xlpolicy.sheets.structure import main_part, package_kind, relations, workbook


class Amended:
    """The package: `sheets` by name -> part. Raises NotExtendable for what is no .xlsx, or too large."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        try:
            self.package = Package(data)
            if package_kind(self.package) != "xlsx":
                raise NotExtendable("no .xlsx")
            if sum(info.file_size for info in self.package.infos) > MOST_BYTES:
                raise NotExtendable("too large")
            self.main = main_part(self.package)
            related = relations(self.package, self.main)
            said = workbook(self.part(self.main))
        except Unreadable as failure:
            raise NotExtendable(failure.problem.got) from None
        self.sheets = {name: related[rid][1] for name, rid in said.sheets if rid in related}
        self.names = dict(said.names)

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return self.package.find(name) is not None

    def part(self, name: str) -> bytes:
        """A part, in UTF-8. Raises NotExtendable where it is missing, damaged or in another encoding."""
        info = self.package.find(name)
        try:
            xml = self.package.whole(info).removeprefix(b"\xef\xbb\xbf") if info else b""
        except Unreadable as failure:
            raise NotExtendable(failure.problem.got) from None
        if not xml or not_utf8(xml):
            raise NotExtendable(f"{name} is missing or not in UTF-8")
        return xml

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id -> kind (its last word) and part of what a part points to. Raises NotExtendable."""
        try:
            return {
                rid: (kind.rpartition("/")[2], target) for rid, (kind, target) in relations(self.package, part).items()
            }
        except Unreadable as failure:
            raise NotExtendable(failure.problem.got) from None

    def written(self, parts: Mapping[str, bytes]) -> bytes:
        """The package with these parts, in the place of those of the same name or after all."""
        left = {name.lower(): (name, data) for name, data in parts.items()}
        kept: list[tuple[str | zipfile.ZipInfo, bytes] | Packed] = []
        with zipfile.ZipFile(io.BytesIO(self.data)) as source:
            for info in self.package.infos:
                own = left.pop(info.filename.lower(), None)
                as_it_is = packed(self.data, info) if own is None else None
                kept.append(as_it_is or (info, source.read(info) if own is None else own[1]))
        return zipped([*kept, *left.values()])
