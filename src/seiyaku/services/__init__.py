"""The services whose policies are the measure, as package data.

Each folder holds ``policy.yaml``, ``datamap.yaml`` and ``schema.sql``, so that an installed
wheel can run the demo and the tests can hold the product to every clause.
"""

from __future__ import annotations

from pathlib import Path

from seiyaku.kernel.errors import InvalidInput

__all__ = ["available", "path"]

_HERE = Path(__file__).parent


def available() -> tuple[str, ...]:
    """Ids of the services, sorted: ``closm-i``, ..."""
    folders = (p.parent.name for p in _HERE.glob("*/policy.yaml"))
    return tuple(sorted(name.replace("_", "-") for name in folders))


def path(service: str) -> Path:
    """The folder of a service.

    Raises:
        InvalidInput: SY105 there is no such service.
    """
    if service not in available():
        raise InvalidInput(
            f"unknown service `{service}`", code="SY105", hint="known: " + ", ".join(available())
        )
    return _HERE / service.replace("-", "_")
