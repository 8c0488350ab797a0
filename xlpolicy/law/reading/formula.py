"""Formula text -> expression nodes, with the dimensions checked.

The text is Python expression syntax read by `ast`; only the nodes of `nodes` get through. A bare number other
than 0, 1 and 365 is refused, because every number of the law stands once, in `figures`. A quotient may not be
multiplied further (multiply first, divide last), so that a tie is rounded exactly. For the same reason money may
be multiplied by money on the way to a division by money (interest × part ÷ whole); left over, it is refused.
A count keeps its unit (家, 月 …): only what is counted alike is compared, added, or taken the lesser of.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from xlpolicy.faults import nearest
from xlpolicy.law import nodes as n
from xlpolicy.law.reading.figures import TIMES
from xlpolicy.law.records import Kind

_ARITH = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_WORDS = {
    "square": "金额乘金额", "money": "金额", "rate": "比例", "count": "数量",
    "boolean": "是非", "enum": "选项", "date": "日期", "text": "文字",
}  # fmt: skip
_PRODUCT: tuple[Kind, ...] = ("money", "count", "rate")


#: the kind of a sub-expression: that of a figure or input, or money times money still to be divided
Part = Kind | Literal["square"]


class Sort(NamedTuple):
    """The kind of a sub-expression, and the unit of a count: empty for one declared without (which goes with
    any but a time), None for a bare number (0, 1万)."""

    kind: Part
    unit: str | None = None


#: characters and levels; what is longer or deeper is no formula that a reader could check
LONGEST, DEEPEST = 1000, 50


class FormulaError(ValueError):
    """The text is not a formula of this language; the message (Chinese) says what and what to write."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a name stands for, its kind, and for an enum input the tokens it may be compared with.

    `divided`: a term whose value is a quotient, which may not be multiplied further. `unit`: what a count counts.
    """

    node: n.Node
    kind: Kind
    tokens: tuple[str, ...] = ()
    divided: bool = False
    unit: str | None = None


def parse(text: str, symbols: Mapping[str, Symbol], want: Kind | None = None) -> n.Node:
    """The nodes of `text` over `symbols`; `want` is the kind the whole must have. Raises FormulaError."""
    return parse_sort(text, symbols, want)[0]


def parse_sort(text: str, symbols: Mapping[str, Symbol], want: Kind | None = None) -> tuple[n.Node, Kind, str | None]:
    """As `parse`, with the kind of the whole, and its unit where that is a count. Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError(f"公式“{text[:20]}……”长达 {len(text)} 个字符，请用 let 分成几步")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (RecursionError, MemoryError) as error:  # so CPython's parser says that it is too deep
        raise _too_deep(text) from error
    except (SyntaxError, ValueError) as error:  # ValueError: a NUL, before Python 3.11.4
        place = getattr(error, "offset", None) or 1
        raise FormulaError(f"公式“{text}”第 {place} 个字符处写法不通") from error
    if _depth(tree) > DEEPEST:
        raise _too_deep(text)
    node, (kind, unit) = _Reader(text, symbols).read(tree)
    if kind == "square":
        raise FormulaError(f"公式“{text}”：金额乘金额之后没有再除以金额")
    if want is not None and kind not in (want, "any"):
        raise FormulaError(f"公式“{text}”得到的是{_WORDS[kind]}，这里应为{_WORDS[want]}")
    return node, kind, unit


def _depth(tree: ast.expr) -> int:
    """How deep a tree is nested; asked without recursion, which is what has to be spared."""
    depth, level = 0, [tree]
    while level and depth <= DEEPEST:
        level = [child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        depth += 1
    return depth


def _too_deep(text: str) -> FormulaError:
    return FormulaError(f"公式“{text[:20]}……”嵌套太深，请用 let 分成几步")


def divided(node: n.Node, symbols: Mapping[str, Symbol]) -> bool:
    """Whether the value of a node is a quotient, or made from one without being rounded."""
    match node:
        case n.Arith("/", _, _):
            return True
        case n.Arith(_, left, right) | n.Choose(_, left, right):
            return divided(left, symbols) or divided(right, symbols)
        case n.Extreme(_, items):
            return any(divided(item, symbols) for item in items)
        case n.Term(name):
            return symbols[name].divided
    return False


def unguarded(node: n.Node, absent: frozenset[str]) -> set[str]:
    """The inputs among `absent` (those a claim may leave out) that a tree reads without asking `given` first."""
    match node:
        case n.Input(name):
            return {name} & absent
        case n.Choose(test, then, other):
            found = unguarded(test, absent) | unguarded(then, absent - _stated(test, True))
            return found | unguarded(other, absent - _stated(test, False))
        case n.Logic(op, items):
            found = set()
            for item in items:
                found |= unguarded(item, absent)
                absent -= _stated(item, op == "and")
            return found
    return {name for child in n.children(node) for name in unguarded(child, absent)}


def _stated(test: n.Node, holds: bool) -> frozenset[str]:
    """The inputs that are known to be stated when `test` holds (or does not)."""
    match test:
        case n.Given(name) if holds:
            return frozenset({name})
        case n.Not(item):
            return _stated(item, not holds)
        case n.Logic(op, items) if (op == "and") == holds:
            return frozenset().union(*(_stated(item, holds) for item in items))
    return frozenset()


_TRUTH = Sort("boolean")


class _Reader:
    def __init__(self, text: str, symbols: Mapping[str, Symbol]) -> None:
        self.text, self.symbols = text, symbols

    def fail(self, why: str) -> FormulaError:
        return FormulaError(f"公式“{self.text}”：{why}")

    def read(self, tree: ast.expr) -> tuple[n.Node, Sort]:
        match tree:
            case ast.Constant(value=bool(value)):
                return n.Const(value), _TRUTH
            case ast.Constant(value=int(value)):
                if value not in (0, 1, 365):
                    raise self.fail(f"出现了数字 {value}；条文里的数字写进 figures，公式只写名称")
                return n.Const(Decimal(value)), Sort("count", "天") if value == 365 else Sort("any")
            case ast.Constant():
                raise self.fail(f"出现了 {tree.value!r}；公式只写名称，文字只用于和选项比较")
            case ast.Name(id=name):
                return self.name(name)
            case ast.Call(func=ast.Name(id="given"), args=[ast.Name(id=name)], keywords=[]):
                node, _ = self.name(name)
                if not isinstance(node, n.Input):
                    raise self.fail(f"given() 里应写输入项，“{name}”不是")
                return n.Given(name), _TRUTH
            case ast.Call(func=ast.Name(id="min" | "max" as op), args=args, keywords=[]) if len(args) > 1:
                items, sorts = zip(*(self.read(arg) for arg in args), strict=True)
                return n.Extreme(op, items), self.same(sorts)
            case ast.Call(func=ast.Name(id="whole"), args=[left, right], keywords=[]):
                (first, sort), (second, sort2) = self.read(left), self.read(right)
                if self.same((sort, sort2)).kind not in ("money", "count"):
                    raise self.fail("whole(总数, 每份) 里应是两个金额，或两个同单位的数量")
                return n.Whole(first, second), Sort("count")
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return n.Not(self.boolean(operand)), _TRUTH
            case ast.BoolOp(op=op, values=values):
                word = "and" if isinstance(op, ast.And) else "or"
                return n.Logic(word, tuple(map(self.boolean, values))), _TRUTH  # type: ignore[arg-type]
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                return self.compare(_COMPARE[type(op)], left, right)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITH:
                return self.arith(_ARITH[type(op)], left, right)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                then, sort = self.read(body)
                other, sort2 = self.read(orelse)
                return n.Choose(self.boolean(test), then, other), self.same((sort, sort2))
        raise self.fail(
            f"“{ast.unparse(tree)}”不在允许的写法里（加减乘除、比较、and/or/not、min/max、whole、if else、given）"
        )

    def name(self, name: str) -> tuple[n.Node, Sort]:
        if name not in self.symbols:
            raise self.fail(f"没有“{name}”这个名称，{nearest(name, self.symbols)}")
        symbol = self.symbols[name]
        return symbol.node, Sort(symbol.kind, symbol.unit)

    def boolean(self, tree: ast.expr) -> n.Node:
        node, sort = self.read(tree)
        if sort.kind != "boolean":
            raise self.fail(f"“{ast.unparse(tree)}”不是是非判断")
        return node

    def same(self, sorts: tuple[Sort, ...]) -> Sort:
        """The one sort of all; counts of the same thing. Raises FormulaError."""
        known = {sort.kind for sort in sorts if sort.kind != "any"}
        if len(known) > 1:
            raise self.fail("把" + "与".join(sorted(_WORDS[kind] for kind in known)) + "放在一起比较或加减")
        units = sorted({sort.unit for sort in sorts if sort.unit is not None}, reverse=True)
        if "" in units and not TIMES.intersection(units):
            units = [unit for unit in units if unit] or [""]
        if len(units) > 1:
            raise self.fail(_unlike(units))
        return Sort(known.pop() if known else "any", units[0] if units else None)

    def compare(self, op: str, left: ast.expr, right: ast.expr) -> tuple[n.Node, Sort]:
        first, sort = self.read(left)
        if isinstance(right, ast.Constant) and isinstance(right.value, str):
            tokens = self.symbols[first.name].tokens if isinstance(first, n.Input) else ()
            if sort.kind != "enum" or op not in ("==", "!=") or right.value not in tokens:
                raise self.fail(f"“{right.value}”不是可比较的选项" + (f"（{'、'.join(tokens)}）" if tokens else ""))
            return n.Compare(op, first, n.Const(right.value)), _TRUTH  # type: ignore[arg-type]
        second, sort2 = self.read(right)
        if self.same((sort, sort2)).kind in ("boolean", "enum", "text") and op not in ("==", "!="):
            raise self.fail(f"{_WORDS[sort.kind]}不能比大小")
        return n.Compare(op, first, second), _TRUTH  # type: ignore[arg-type]

    def arith(self, op: str, left: ast.expr, right: ast.expr) -> tuple[n.Node, Sort]:
        (first, sort), (second, sort2) = self.read(left), self.read(right)
        kind, kind2 = sort.kind, sort2.kind
        for side in (kind, kind2):
            if side in ("boolean", "enum", "date", "text"):
                raise self.fail(f"{_WORDS[side]}不能参加计算")
        node = n.Arith(op, first, second)  # type: ignore[arg-type]
        if op in "+-":
            return node, self.same((sort, sort2))
        if op == "*" and (divided(first, self.symbols) or divided(second, self.symbols)):
            raise self.fail("商又拿去相乘；请先乘后除，分毫才不会差")
        kinds = (kind, kind2)
        if op == "*":
            if kinds.count("money") + 2 * kinds.count("square") > 2:
                raise self.fail("三个金额相乘")
            if "square" in kinds or kinds == ("money", "money"):
                return node, Sort("square")
            # money by anything is money; a share of a number is a number
            product: Kind = next((k for k in _PRODUCT if k in kinds), "any")
            return node, Sort(product, _times(sort, sort2) if product == "count" else None)
        if kind2 == "square":
            raise self.fail("除以金额乘金额")
        if kind2 == "money":
            if kind not in ("money", "square"):
                raise self.fail("只有金额能除以金额")
            return node, Sort("rate" if kind == "money" else "money")
        return node, Sort(kind if kind != "count" else "rate")


def _times(left: Sort, right: Sort) -> str | None:
    """The unit of a product of counts (years by 365 are days); a share or a bare number leaves it as it is."""
    units = sorted(sort.unit for sort in (left, right) if sort.unit)
    if units == ["天", "年"]:
        return "天"
    return "×".join(units) if units else left.unit if left.unit is not None else right.unit


def _unlike(units: list[str]) -> str:
    """Why counts of several units do not go together, and what to write."""
    bare = "" in units
    units = sorted(unit for unit in units if unit)
    if bare:
        return f"把{'、'.join(units)}与没有单位的数量放在一起比较或加减；给输入项写 unit: {units[0]}"
    how = ""
    if "年" in units and "月" in units:
        how = "；年数按月计的，写 {value: 2年, in: 月}"
    elif "年" in units and "天" in units:
        how = "；年数按天计的，写 年数 * 365"
    return f"把{'与'.join(units)}放在一起比较或加减，单位不同{how}"
