"""The policy files that are in use, as written, and the text of a policy file made from data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from xlpolicy.faults import PolicyFileError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.reading.choices import Site, resolve
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.reading.schema import PolicyFile
from xlpolicy.law.reading.yamltext import as_text, load_yaml
from xlpolicy.law.records import Document
from xlpolicy.law.store import policy_files


class Source(NamedTuple):
    """A policy file: its validated data as written, what it compiles to, and the places that hang on a reading."""

    data: Mapping[str, Any]
    document: Document
    sites: tuple[Site, ...] = ()


def sources(policy: str | None = None) -> dict[str, Source]:
    """Every document in use by key, or the one of that key or number. Raises UnknownPolicy, PolicyFileError."""
    catalog = catalogs.default()
    wanted = None if policy is None else catalog.document(policy).key
    found: dict[str, Source] = {}
    for folder in catalogs.folders():
        for path in policy_files(folder):
            try:
                source = read(as_text(path.read_bytes(), path.name), path.name)
            except PolicyFileError:
                continue  # the catalog set it aside and said so
            if wanted in (None, source.document.key):
                found[source.document.key] = source
    return found


def read(text: str, file: str) -> Source:
    """The data and the document of one policy file. Raises PolicyFileError."""
    document = compile_text(text, file)
    resolved = resolve(load_yaml(text, file))
    model = PolicyFile.model_validate(resolved.data)
    return Source(model.model_dump(by_alias=True, exclude_unset=True), document, tuple(resolved.sites))


class _Dumper(yaml.SafeDumper):
    """No anchors: an officer's copy of a number is a number of its own."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(data: Mapping[str, Any]) -> str:
    """The text of a policy file, short mappings on one line, provisions apart."""
    parts = []
    for key, value in data.items():
        if key == "provisions":
            parts.append("provisions:\n" + "\n".join(_dump([item]) for item in value))
        elif isinstance(value, int):
            parts.append(f"{key}: {value}\n")
        else:
            parts.append(_dump({key: value}))
    return "\n".join(parts)


def _dump(data: Any) -> str:
    text = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None)
    assert isinstance(text, str)
    return text
