"""Countries by ISO 3166-1 alpha-2 code, and the groups a rule may name."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from seiyaku.laws.resources import read_table


class CountryGroup(BaseModel):
    """Countries named together, such as the EEA; `verified` says whether a source was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    members: frozenset[str]
    source: str
    verified: bool


class _Countries(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    codes: frozenset[str]
    groups: tuple[CountryGroup, ...]


def known_country(code: str) -> bool:
    """Whether `code` is an ISO 3166-1 alpha-2 code (upper case)."""
    return code in _table().codes


def expand_country(code: str) -> frozenset[str]:
    """The countries `code` stands for: itself, or the members of a group; empty if unknown.

    Examples:
        >>> "IS" in expand_country("EEA"), "IS" in expand_country("EU")
        (True, False)
        >>> expand_country("GB")
        frozenset({'GB'})
    """
    for group in _table().groups:
        if group.code == code:
            return group.members
    return frozenset({code}) if known_country(code) else frozenset()


def country_groups() -> tuple[CountryGroup, ...]:
    """Every group."""
    return _table().groups


def _table() -> _Countries:
    return read_table("countries", _Countries)


def _expand_all(value: object) -> object:
    if not isinstance(value, list):
        return value
    return frozenset(country for code in value for country in _known_expansion(str(code)))


def _known_expansion(code: str) -> frozenset[str]:
    found = expand_country(code)
    if not found:
        raise ValueError(f"`{code}` is neither a country nor a group of countries")
    return found


CountrySet = Annotated[frozenset[str], BeforeValidator(_expand_all)]
"""Countries and groups as written in a pack, kept as country codes."""
