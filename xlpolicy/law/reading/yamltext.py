"""The YAML text of a policy file: strict reading, and where in the text a thing stands."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

from xlpolicy.faults import Fault, PolicyFileError
from xlpolicy.money import shown

Path = tuple[str | int, ...]
#: what no policy document comes near: nesting, values when every alias is written out, characters
_DEEPEST, _MOST, _LONGEST = 40, 200_000, 4_000_000
#: the parser's own sentences that a policy file meets; any other is told in general words, never in English
_TOLD = {
    "mapping values are not allowed": "这里不能再写“名称: 值”，多半是上一行少了引号或缩进不齐",
    "could not find expected ':'": "少了冒号，或冒号后没有空格",
    "did not find expected key": "缩进不齐，或括号、引号没有成对",
    "did not find expected ',' or": "括号里少了逗号，或括号没有成对",
    "did not find expected '-'": "缩进不齐，或少了“- ”",
    "did not find expected <document start>": "开头不是一份 YAML",
    "unexpected end of stream": "括号或引号没有成对",
    "cannot start any token": "有不能这样开头的字符（制表符、@、`、%）",
    "undefined alias": "引用了没有定义的 * 名称",
    "duplicate anchor": "同一个 & 名称定义了两次",
    "nesting depth": f"嵌套超过 {_DEEPEST} 层",
    "control characters": "有看不见的控制字符",
    "special characters are not allowed": "有看不见的控制字符",
    "surrogates not allowed": "有不成字的字符",
    "unknown escape character": "双引号里的 \\ 写法不对",
    "found undefined tag": "用了标签（! 开头的写法）",
}


class Loader(yaml.CSafeLoader):
    """Refuses a mapping that says the same key twice (plain YAML silently keeps the last).

    A number is what looks like one to everybody: 1:1 stays a text (YAML reads 61), 010 and 0x10 too.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 (the library's own name)
        first: [(tag, pattern) for tag, pattern in known if tag.rpartition(":")[2] not in ("int", "float")]
        for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping whose keys are texts, each once. Raises ConstructorError."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "键不是文字", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"“{key}”在同一处写了两次", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_exactly(self, node: yaml.ScalarNode) -> object:
        """A date or number that does not exist is reported with its line. Raises ConstructorError."""
        kind = node.tag.rpartition(":")[2]
        read = {"timestamp": self.construct_yaml_timestamp, "int": self.construct_yaml_int}[kind]
        try:
            return read(node)
        except ValueError:
            what = "日期" if kind == "timestamp" else "数字"
            raise yaml.constructor.ConstructorError(
                None, None, f"“{shown(node.value)}”不是存在的{what}", node.start_mark
            ) from None


Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0|[1-9]\d*)$"), list("-+0123456789"))
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(?:0|[1-9]\d*)?\.\d+$"), list("-+.0123456789")
)
for _tag in ("timestamp", "int"):
    Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", Loader.construct_exactly)


def as_text(content: bytes, file: str) -> str:
    """The text of a policy file. Raises PolicyFileError where it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        problem = Fault("policy_yaml", file, "", "不是 UTF-8 编码的文字", "UTF-8 编码的 YAML 文件", "另存为 UTF-8 再试")
        raise PolicyFileError([problem]) from None


def load_yaml(text: str, file: str) -> Any:
    """The data of a policy file. Raises PolicyFileError with the line, where the text is not YAML."""
    try:
        _measure(text)
        return yaml.load(text, Loader=Loader)
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{file} 第 {mark.line + 1} 行" if mark else file
        why = _told(str(getattr(error, "problem", None) or error))
        raise PolicyFileError(
            [
                Fault(
                    "policy_yaml",
                    place,
                    "",
                    f"YAML 读不通（{why}）",
                    "缩进对齐、冒号后留空格、同一处不重名",
                    "改好这一行再试",
                )
            ]
        ) from error


def _told(problem: str) -> str:
    """A problem in Chinese: our own as it is, the parser's by the table."""
    if not re.search(r"[A-Za-z]{2,} [a-z]{2,}", problem):
        return problem
    return next((words for english, words in _TOLD.items() if english in problem), "写法不合 YAML 规则")


def _nesting(text: str) -> None:
    """Refuses brackets inside brackets without end, before the parser looks ahead through them in its own way."""
    depth = 0
    for match in re.finditer(r"[\[\]{}]", text):
        depth = depth + 1 if match[0] in "[{" else max(depth - 1, 0)
        if depth > _DEEPEST:
            line = text.count("\n", 0, match.start())
            mark = yaml.Mark("", match.start(), line, 0, None, 0)
            raise yaml.MarkedYAMLError(problem=f"嵌套超过 {_DEEPEST} 层", problem_mark=mark)


def _measure(text: str) -> None:
    """Refuses, before anything is built, what would take all memory or time: aliases of aliases, endless nesting.

    Tags are refused too: a policy file is text, numbers, dates, yes and no.
    """
    if len(text) > _LONGEST:
        raise yaml.YAMLError(f"文件长达 {len(text)} 个字符")
    _nesting(text)
    sizes: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = []
    total = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        anchor: str | None = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == outer for outer, _ in open_):
                raise _refused(event, f"*{anchor} 引用了它自己")
            total += sizes.get(anchor or "", 1)
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            if event.tag is not None:
                raise _refused(event, "用了标签（! 开头的写法）")
            total += 1
            if isinstance(event, yaml.CollectionStartEvent):
                open_.append((anchor, total))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            if anchor:
                sizes[anchor] = total - before + 1
        if len(open_) > _DEEPEST:
            raise _refused(event, f"嵌套超过 {_DEEPEST} 层")
        if total > _MOST:
            raise _refused(event, f"连同引用超过 {_MOST} 项")


def _refused(event: yaml.Event, why: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=why, problem_mark=event.start_mark)  # type: ignore[arg-type]


class Lines:
    """Where in the text a path of keys stands; made only when there is something to report."""

    def __init__(self, text: str) -> None:
        self.root = yaml.compose(text, Loader=yaml.CSafeLoader)

    def find(self, path: Path) -> int:
        node, line = self.root, 1
        for step in path:
            child = None
            if isinstance(node, yaml.MappingNode):
                child = next((v for k, v in node.value if k.value == str(step)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                child = node.value[step]
            if child is None:
                break
            node, line = child, child.start_mark.line + 1
        return line
