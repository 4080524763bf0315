"""YAML files as plain values, read by libyaml where PyYAML was built with it, which is ten times as fast.

A key that stands twice in one mapping is an error: YAML libraries take the last one and say nothing of the first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_TEXT, _MERGE, _VALUE = (f"tag:yaml.org,2002:{name}" for name in ("str", "merge", "value"))


class DuplicateKey(yaml.YAMLError):
    """A key that stands twice in one mapping."""

    def __init__(self, key: str, line: int, first: int, file: str) -> None:
        """Keep the place. line, first: lines of the file, from 1, of the second and of the first."""
        super().__init__(key, line, first, file)
        self.key, self.line, self.first, self.file = key, line, first, file

    @property
    def told(self) -> str:
        """Say it without the place."""
        return f'the key "{self.key}" stands twice, first in line {self.first}; only the second would count'

    def __str__(self) -> str:
        """Say it with the place."""
        return f"{self.file}, line {self.line}: {self.told}"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads as PyYAML's safe loader does, and refuses duplicate keys."""

    def __init__(self, text: str, file: str) -> None:
        super().__init__(text)
        self._file = file
        self._looked_at: set[yaml.Node] = set()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Look for duplicates before keys of an anchor are merged in, which may stand in the mapping as well."""
        if node not in self._looked_at:
            self._looked_at.add(node)
            self._refuse_duplicates(node)
        super().flatten_mapping(node)

    def _refuse_duplicates(self, node: yaml.MappingNode) -> None:
        keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE]
        names = [key.value if key.tag in (_TEXT, _VALUE) else self.construct_object(key) for key in keys]
        if len(set(names)) == len(names):
            return
        place = next(place for place, name in enumerate(names) if name in names[:place])
        first, second = keys[names.index(names[place])], keys[place]
        raise DuplicateKey(second.value, second.start_mark.line + 1, first.start_mark.line + 1, self._file)


def read_yaml(path: Path) -> Any:
    """Return what a YAML file says: mappings, lists, text and numbers, nothing else. Raises yaml.YAMLError."""
    return parse_yaml(path.read_text(encoding="utf-8"), str(path))


def parse_yaml(text: str, file: str) -> Any:
    """Return what a text in YAML says. file: where it comes from, for messages. Raises yaml.YAMLError."""
    loader = _Loader(text, file)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()
