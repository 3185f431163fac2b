"""What is refused of a disclosure, as it is kept beside the request."""

from __future__ import annotations

from typing import Final, cast

from seiyaku.app.wiring import Parts
from seiyaku.requests.model import Request
from seiyaku.requests.withheld import Withheld

WITHHELD: Final = "withheld"


def withheld(parts: Parts, request: Request) -> Withheld | None:
    """What is refused of a disclosure, if anything."""
    kept = parts.repositories.requests.detail(request.id, WITHHELD)
    if not isinstance(kept, dict):
        return None
    items = cast("list[str]", kept["items"])
    return Withheld(tuple(items), str(kept["ground"]), str(kept["cite"]))
