"""Who answers at a host, and which endpoint an address is; whatever is not declared is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seiyaku.datamap.payload import Calls, Endpoint, Origin, origin
from seiyaku.doors.payload.pairs import join_path, split_path
from seiyaku.kernel.errors import NotPermitted

HINT = "declare it under `calls` in the data map"


@dataclass(frozen=True)
class Address:
    """A declared address.

    Args:
        word: declared recipient of the policy. segments: values of the braced names.
    """

    word: str
    calls: Calls
    endpoint: Endpoint
    segments: tuple[tuple[str, str], ...]


class Directory:
    """Every declared host with its recipient."""

    def __init__(self, calls: Mapping[str, Calls]) -> None:
        self._hosts: dict[Origin, tuple[str, Calls]] = {
            origin(host): (entry.recipient or name, entry)
            for name, entry in calls.items()
            for host in entry.hosts
        }

    def find(self, method: str, place: Origin, path: str) -> Address:
        """The address a call goes to.

        Raises:
            NotPermitted: SY252 a host nobody declared, SY253 an endpoint nobody declared,
                SY254 a path that leads elsewhere than it says.
        """
        found = self._hosts.get(place)
        if found is None:
            scheme, host, port = place
            raise NotPermitted(
                f"nobody declared the host `{scheme}://{host}:{port}`", code="SY252", hint=HINT
            )
        word, entry = found
        segments = split_path(path)
        matching = match(entry.endpoints, method, segments)
        if matching is None:
            raise NotPermitted(
                f"nobody declared this `{method}` endpoint of `{word}`", code="SY253", hint=HINT
            )
        return Address(word, entry, *matching)


def match(
    endpoints: Sequence[Endpoint], method: str, segments: Sequence[str]
) -> tuple[Endpoint, tuple[tuple[str, str], ...]] | None:
    """The endpoint at a path, a literal segment before a braced one, and the braced values."""
    fitting = [
        (endpoint, names)
        for endpoint in endpoints
        if method in endpoint.methods and (names := _fit(endpoint, segments)) is not None
    ]
    return min(fitting, key=lambda found: len(found[1]), default=None)


def path_of(endpoint: Endpoint, values: Mapping[str, str]) -> str:
    """The path with these values in the place of the braced names."""
    template = endpoint.path.split("/")[1:]
    return join_path([values[part[1:-1]] if _braced(part) else part for part in template])


def _fit(endpoint: Endpoint, segments: Sequence[str]) -> tuple[tuple[str, str], ...] | None:
    template = endpoint.path.split("/")[1:]
    if len(template) != len(segments):
        return None
    names = []
    for part, segment in zip(template, segments, strict=True):
        if _braced(part):
            names.append((part[1:-1], segment))
        elif part != segment:
            return None
    return tuple(names)


def _braced(part: str) -> bool:
    return part.startswith("{") and part.endswith("}")
