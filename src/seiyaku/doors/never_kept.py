"""What the policy never keeps is not written, whichever column it is meant for.

Detectors look at every value of a statement before it is sent: texts, JSON, bytes. What they
find is named by its item and clause, and never shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from seiyaku.datamap.detectors import holds_face_series, is_depth_map, never_kept
from seiyaku.kernel.errors import NotPermitted
from seiyaku.policy.model import Policy


class NeverKept:
    """Looks for what one version of a policy never keeps."""

    def __init__(self, policy: Policy) -> None:
        self._detectors = never_kept(policy)
        self._cites = {
            word: policy.cite(policy.ban(word, "keep") or "") for word in self._detectors
        }

    def require_none(self, *values: Any) -> None:
        """That none of the values, however nested, holds such an item.

        Raises:
            NotPermitted: SY295 one does; the clause is named, the value is not.
        """
        if not self._detectors:
            return
        for word in dict.fromkeys(self._found(values)):
            raise NotPermitted(
                f"a `{word}` is never kept ({self._cites[word]})",
                code="SY295",
                hint="leave the value out, and find out what brought it here",
            )

    def _found(self, values: Iterable[Any]) -> Iterator[str]:
        for value in values:
            if isinstance(value, bytes | bytearray | memoryview):
                yield from self._in_bytes(bytes(value))
            elif isinstance(value, Mapping):
                yield from self._in_text(json.dumps(value, ensure_ascii=False, default=str))
                yield from self._found(value.values())
            elif isinstance(value, list | tuple):
                yield from self._found(value)
            elif value is not None and not isinstance(value, bool | float):
                yield from self._in_text(str(value))

    def _in_bytes(self, data: bytes) -> Iterator[str]:
        if is_depth_map(data[:26]):
            yield from (w for w, d in self._detectors.items() if d.holds is holds_face_series)
        yield from self._in_text(data.decode("utf-8", "ignore"))

    def _in_text(self, text: str) -> Iterator[str]:
        yield from (word for word, seen in self._detectors.items() if seen.holds(text))
