"""Tables of three kinds (pandas, polars, a mapping of plain columns) -> cells, and results -> the same kind.

pandas and polars are never imported here: a caller who passes such a frame has done so.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlpolicy.columns.exact_numbers import Ints
from xlpolicy.columns.masks import Mask
from xlpolicy.columns.table_cells import Cells
from xlpolicy.faults import InvalidInput

_BLOCK = 1 << 15
_KINDS = "pandas 或 polars 的 DataFrame，或“列名: 列”的字典"


class Labels:
    """A text by row (or None), each distinct text kept once."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._index: dict[str | None, int] = {None: 0}
        self.codes: NDArray[Any] | int = 0

    @property
    def texts(self) -> list[str | None]:
        return list(self._index)

    def code(self, text: str | None) -> int:
        return self._index.setdefault(text, len(self._index))

    def put(self, rows: Ints | int | None, text: str | None) -> None:
        """The text of these rows (of all, without any)."""
        code = self.code(text)
        if rows is None:
            self.codes = code
        elif not isinstance(self.codes, int) or code != self.codes:
            self.spread()[rows] = code

    def spread(self) -> NDArray[Any]:
        """The codes as an array to write any code given out so far to."""
        kind = np.min_scalar_type(len(self._index))
        if isinstance(self.codes, int):
            self.codes = np.full(self.size, self.codes, kind)
        elif self.codes.dtype.itemsize < kind.itemsize:
            self.codes = self.codes.astype(kind)
        return self.codes


def present(codes: NDArray[np.uint8]) -> list[int]:
    """The different codes, in order."""
    seen = np.zeros(256, np.bool_)
    for start in range(0, len(codes), _BLOCK):
        seen[codes[start : start + _BLOCK]] = True
    return np.flatnonzero(seen).tolist()


def spread(values: NDArray[Any], codes: NDArray[Any]) -> NDArray[Any]:
    """`values[codes]`, block by block: the index numpy makes of the codes stays in the cache."""
    out = np.empty(len(codes), values.dtype)
    for start in range(0, len(codes), _BLOCK):
        part = slice(start, start + _BLOCK)
        out[part] = values[codes[part]]
    return out


def spread_texts(texts: list[str | None], codes: NDArray[Any]) -> NDArray[Any]:
    """The texts of the codes; of a few, the most frequent is laid out first and the others put in."""
    values = np.array(texts, object)
    if len(texts) > 8:
        return spread(values, codes)
    counts = [np.count_nonzero(codes == code) for code in range(len(texts))]
    most = counts.index(max(counts))
    out = np.empty(len(codes), object)
    out.fill(texts[most])  # np.full would make a new string for every row
    for code, count in enumerate(counts):
        if count and code != most:
            out[np.flatnonzero(codes == code)] = values[code]
    return out


class Frame:
    """A table: its headings, the cells of a column, and how a result of its kind is made."""

    names: tuple[str, ...]
    size: int

    def cells(self, name: str) -> Cells:
        """One column's cells."""
        raise NotImplementedError

    def series(self, column: object) -> Cells | None:
        """A column given apart from the table (the dates of `on`), None where it is none."""
        return plain_cells(column) if isinstance(column, np.ndarray | list | tuple) else None

    def build(self, fen: Ints, eligible: Mask, failed: Mask | None, labels: Mapping[str, Labels]) -> Any:
        """The result table."""
        raise NotImplementedError


def frame(table: Any) -> Frame:
    """The table as a Frame. Raises InvalidInput for what is no table."""
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and isinstance(table, pandas.DataFrame):
        return _Pandas(table)
    if polars is not None and isinstance(table, polars.DataFrame):
        return _Polars(table)
    if isinstance(table, Mapping):
        return _Plain(table)
    hint = "先 collect()" if type(table).__name__ == "LazyFrame" else "换成这三种之一"
    raise InvalidInput(f"{type(table).__name__} 不是表", where="table", expected=_KINDS, remedy=hint)


def numpy_cells(data: NDArray[Any]) -> Cells:
    """A numpy array; NaN and NaT are missing, numpy having no other way to say so."""
    if data.dtype.kind == "f":
        return Cells(data, nan=True)
    if data.dtype.kind == "M":
        return Cells(data, np.isnat(data))
    return Cells(data)


def plain_cells(column: Any) -> Cells:
    """A list, tuple or one-dimensional numpy array."""
    if isinstance(column, np.ndarray):
        return numpy_cells(column)
    kinds = set(map(type, column))
    if len(kinds) == 1 and kinds <= {int, float, bool}:
        data = np.asarray(column)
        if data.dtype.kind in "ifb":
            return Cells(data)
    return Cells(np.fromiter(column, object, len(column)))


def _yuan(fen: Ints, failed: Mask | None) -> NDArray[np.float64]:
    """The binary64 nearest to the amount in yuan; NaN where there is none."""
    yuan = np.divide(fen, 100.0)
    if failed is not None:
        yuan[failed] = np.nan
    return yuan


class _Plain(Frame):
    def __init__(self, table: Mapping[str, Any]) -> None:
        self.names = tuple(table)
        self.columns: dict[str, Any] = {}
        for name, column in table.items():
            array = isinstance(column, np.ndarray)
            if isinstance(column, str | bytes) or not (column.ndim == 1 if array else isinstance(column, Sequence)):
                raise InvalidInput(
                    f"“{name}”不是一列", where="table", expected="列表或一维 numpy 数组", remedy="每列给出各行的值"
                )
            self.columns[name] = column
        sizes = {name: len(column) for name, column in self.columns.items()}
        if len(set(sizes.values())) > 1:
            raise InvalidInput(
                f"各列行数不同（{'、'.join(f'{name} {size} 行' for name, size in sizes.items())}）", where="table",
                expected="各列一样长", remedy="补齐各列",
            )  # fmt: skip
        self.size = next(iter(sizes.values()), 0)

    def cells(self, name: str) -> Cells:
        return plain_cells(self.columns[name])

    def build(self, fen: Ints, eligible: Mask, failed: Mask | None, labels: Mapping[str, Labels]) -> dict[str, Any]:
        arrays = any(isinstance(column, np.ndarray) for column in self.columns.values())
        out: dict[str, Any] = {"eligible": eligible, "amount": None, "amount_fen": fen}
        if arrays:
            out["amount"] = _yuan(fen, failed)
        else:
            gone = np.zeros(len(fen), np.bool_) if failed is None else failed
            rows = zip(fen.tolist(), gone.tolist(), strict=True)
            out["amount"] = [None if bad else Decimal(cents).scaleb(-2) for cents, bad in rows]
            out["amount_fen"] = [None if bad else cents for cents, bad in zip(fen.tolist(), gone.tolist(), strict=True)]
            out["eligible"] = eligible.tolist()
        for name, label in labels.items():
            if isinstance(label.codes, int):
                column = np.broadcast_to(np.array([label.texts[label.codes]], object), len(fen))
            else:
                column = spread_texts(label.texts, label.codes)
            out[name] = column if arrays else column.tolist()
        return out


class _Pandas(Frame):
    def __init__(self, table: Any) -> None:
        self.table, self.names, self.size = table, tuple(table.columns), len(table)

    def cells(self, name: str) -> Cells:
        column = self.table[name]
        if column.ndim != 1:
            raise InvalidInput(f"有多列都叫“{name}”", where="表头", expected="列名各不相同", remedy="改名或删去一列")
        return self._cells(column)

    def series(self, column: object) -> Cells | None:
        return self._cells(column) if isinstance(column, sys.modules["pandas"].Series) else super().series(column)

    def _cells(self, column: Any) -> Cells:
        kind = column.dtype
        if isinstance(kind, np.dtype) and kind.kind in "iufbM":
            return numpy_cells(column.to_numpy())
        gone = column.isna().to_numpy()
        missing = gone if gone.any() else None
        if getattr(kind, "tz", None) is not None:
            return Cells(column.dt.tz_localize(None).to_numpy(), missing)
        plain = getattr(kind, "numpy_dtype", None)
        if type(kind).__module__.endswith((".integer", ".floating", ".boolean")) or type(kind).__name__ in (
            "BooleanDtype",
        ):
            fill: Any = False if plain == np.bool_ else 0
            return Cells(column.to_numpy(plain, na_value=fill), missing)
        return Cells(column.to_numpy(dtype=object), missing)

    def build(self, fen: Ints, eligible: Mask, failed: Mask | None, labels: Mapping[str, Labels]) -> Any:
        pandas = sys.modules["pandas"]
        gone = np.zeros(len(fen), np.bool_) if failed is None else failed
        out = {
            "eligible": eligible,
            "amount": _yuan(fen, failed),
            "amount_fen": pandas.arrays.IntegerArray(fen, gone),
        }
        for name, label in labels.items():
            kind = pandas.CategoricalDtype(label.texts[1:])
            signed = np.min_scalar_type(-len(label.texts))
            if isinstance(label.codes, int):
                codes = np.full(len(fen), label.codes - 1, signed)
            else:
                codes = label.codes.astype(signed) - signed.type(1)
            out[name] = pandas.Categorical.from_codes(codes, dtype=kind)
        return pandas.DataFrame(out, index=self.table.index, copy=False)


class _Polars(Frame):
    def __init__(self, table: Any) -> None:
        self.table, self.names, self.size = table, tuple(table.columns), table.height
        self.polars: Any = sys.modules["polars"]

    def cells(self, name: str) -> Cells:
        return self._cells(self.table[name])

    def series(self, column: object) -> Cells | None:
        return self._cells(column) if isinstance(column, self.polars.Series) else super().series(column)

    def _cells(self, column: Any) -> Cells:
        pl, kind = self.polars, column.dtype
        missing = column.is_null().to_numpy() if column.null_count() else None
        den = 1
        if isinstance(kind, pl.Datetime):
            column = column.dt.date()
        if column.dtype == pl.Date:
            days = column.to_physical().fill_null(0).to_numpy()
            return Cells(days.astype("datetime64[D]"), missing)
        if isinstance(kind, pl.Decimal):
            whole = column.to_physical().cast(pl.Int64, strict=False)
            if whole.null_count() == column.null_count():
                column, den, kind = whole, 10**kind.scale, pl.Int64
        if kind.is_integer() and kind not in (pl.Int128, pl.UInt64) and str(kind) != "UInt128":
            return Cells(column.fill_null(0).to_numpy(), missing, den)
        if kind.is_float():
            return Cells(column.fill_null(0.0).to_numpy(), missing)
        if kind == pl.Boolean:
            return Cells(column.fill_null(False).to_numpy(), missing)
        return Cells(np.fromiter(column.to_list(), object, len(column)), missing)

    def build(self, fen: Ints, eligible: Mask, failed: Mask | None, labels: Mapping[str, Labels]) -> Any:
        pl = self.polars
        cents = pl.Series("amount_fen", fen)
        if failed is not None:
            cents = pl.select(pl.when(pl.Series(~failed)).then(cents)).to_series().alias("amount_fen")
        constant = {name: label.texts[label.codes] for name, label in labels.items() if isinstance(label.codes, int)}
        out = [pl.Series("eligible", eligible), self._yuan(cents), cents]
        for name, label in labels.items():
            if name not in constant:
                out.append(pl.Series(name, label.texts, dtype=pl.String).gather(pl.Series(label.codes)))
        frame = pl.DataFrame(out).with_columns(
            pl.lit(text, dtype=pl.String).alias(name) for name, text in constant.items()
        )
        return frame.select("eligible", "amount", "amount_fen", *labels)

    def _yuan(self, cents: Any) -> Any:
        """Fen as Decimal yuan."""
        pl = self.polars
        try:
            yuan = cents.cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, 2))
        except (AttributeError, TypeError):  # polars 1: both steps are exact in its 128-bit decimals
            yuan = cents.cast(pl.Decimal(38, 0)).cast(pl.Decimal(38, 2)) / 100
        return yuan.alias("amount")
