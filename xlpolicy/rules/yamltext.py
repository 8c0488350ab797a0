"""The YAML text of a policy file: strict reading, and where in the text a thing stands."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml

from xlpolicy.errors import PolicyFileError, Problem

Path = tuple[str | int, ...]


class Loader(yaml.CSafeLoader):
    """Refuses a mapping that says the same key twice (plain YAML silently keeps the last)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "键不是文字", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"“{key}”在同一处写了两次", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_date(self, node: yaml.ScalarNode) -> object:
        """A date that does not exist is reported with its line."""
        try:
            return self.construct_yaml_timestamp(node)
        except ValueError:
            raise yaml.constructor.ConstructorError(
                None, None, f"“{node.value}”不是存在的日期", node.start_mark
            ) from None


Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_date)


def load_yaml(text: str, file: str) -> Any:
    """The data of a policy file. Raises PolicyFileError with the line, where the text is not YAML."""
    try:
        return yaml.load(text, Loader=Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{file} 第 {mark.line + 1} 行" if mark else file
        why = getattr(error, "problem", None) or error
        raise PolicyFileError(
            [
                Problem(
                    "policy_yaml",
                    place,
                    f"YAML 读不通（{why}）",
                    "缩进对齐、冒号后留空格、同一处不重名",
                    "改好这一行再试",
                )
            ]
        ) from error


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
