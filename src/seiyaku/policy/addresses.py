"""Addresses by which people reach the controller: what is one, and what only looks like one."""

from __future__ import annotations

import re
from typing import Final

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>(?:{_LABEL}\.)+{_LABEL})")
_PLACEHOLDER: Final = re.compile(
    r"^\[.*\]$|protected|^(?:x+|your|name|user|sample|test|todo|tbd)@|@example\.|\.(?:invalid|example)$",
    re.IGNORECASE,
)
_POSTCODE: Final = re.compile(r"(?<!\d)\d{3}-\d{4}(?!\d)")
MAX_LOCAL: Final = 64
MAX_ADDRESS: Final = 254


def is_email(text: str) -> bool:
    """Whether `text` is an e-mail address with a domain; a plus tag is part of it.

    Source: RFC 5321 4.1.2 (dot-string), 4.5.3.1 (lengths).

    Examples:
        >>> is_email("contact+Inquiry-i@closm.llc"), is_email("contact@"), is_email("a..b@c.jp")
        (True, False, False)
    """
    match = _EMAIL.fullmatch(text)
    return match is not None and len(match["local"]) <= MAX_LOCAL and len(text) <= MAX_ADDRESS


def is_placeholder(text: str) -> bool:
    """Whether `text` only holds an address's place: ``[email protected]``, ``x@example.com``."""
    return _PLACEHOLDER.search(text.strip()) is not None


def host_of(url: str) -> str:
    """The host of a web address, lower case; empty when there is none."""
    match = re.match(r"https?://([^/:?#]+)", url.strip(), re.IGNORECASE)
    return match[1].lower() if match else ""


def domain_of(email: str) -> str:
    """The domain of an e-mail address, lower case; empty when it is none."""
    return email.rpartition("@")[2].lower() if is_email(email) else ""


def has_postcode(text: str) -> bool:
    """Whether a Japanese postal code (``104-0061``) stands in `text`."""
    return _POSTCODE.search(text) is not None
