"""The names of a dataset's objects, and what they say: a folder, or a pattern with captures.

``media`` is a folder: the key is the name below it. ``avatars/{user_id}/*`` is a pattern: the key
is the whole name and ``user_id`` a column, by which a link finds the object without any table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PARTS = re.compile(r"\{(\w+)\}|(\*\*)|(\*)")


class Names:
    """What the names of one dataset look like.

    Args:
        table: folder or pattern. ``{word}`` takes one part of a name between slashes, ``*``
            anything but a slash, ``**`` anything.
        key: column of the key.

    Examples:
        >>> Names("avatars/{user_id}/*", "key").read("avatars/7/face.png")
        {'key': 'avatars/7/face.png', 'user_id': '7'}
        >>> Names("media", "key").read("media/a/b.png")
        {'key': 'a/b.png'}
    """

    def __init__(self, table: str, key: str) -> None:
        self._key = key
        self._is_pattern = _PARTS.search(table) is not None
        self._table = table if self._is_pattern else f"{table.strip('/')}/"
        self._matcher = re.compile(_expression(self._table), re.DOTALL)
        self.captures = tuple(m[1] for m in _PARTS.finditer(self._table) if m[1])

    @property
    def prefix(self) -> str:
        """What every name starts with."""
        return self.prefix_for({})

    def read(self, name: str) -> dict[str, str] | None:
        """The key and the captures of a name; None where it is not of this dataset."""
        if not self._is_pattern:
            rest = name.removeprefix(self._table)
            return {self._key: rest} if rest and rest != name else None
        found = self._matcher.fullmatch(name)
        return {self._key: name, **found.groupdict()} if found else None

    def name(self, key: str) -> str:
        """The whole name of the object with this key."""
        return key if self._is_pattern else self._table + key

    def prefix_for(self, values: Mapping[str, str]) -> str:
        """What names with these captures start with, as far as can be said."""
        prefix, at = "", 0
        for part in _PARTS.finditer(self._table):
            prefix += self._table[at : part.start()]
            at = part.end()
            if part[1] not in values:
                return prefix
            prefix += values[part[1]]
        return prefix + self._table[at:]


def _expression(table: str) -> str:
    """`table` as an expression; a word that stands twice must say the same twice."""
    text, at, seen = "", 0, set[str]()
    for part in _PARTS.finditer(table):
        text += re.escape(table[at : part.start()])
        at = part.end()
        if part[1] in seen:
            text += f"(?P={part[1]})"
        elif part[1]:
            text += f"(?P<{part[1]}>[^/]+)"
            seen.add(part[1])
        else:
            text += ".*" if part[2] else "[^/]*"
    return text + re.escape(table[at:])
