"""The fonts of what is written."""

from __future__ import annotations

from collections.abc import Mapping

#: the fonts of official papers; a bureau may name others
FONTS: Mapping[str, str] = {"title": "方正小标宋简体", "heading": "黑体", "body": "仿宋_GB2312"}
