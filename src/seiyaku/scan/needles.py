"""Find identifiers in any text, however somebody wrote them there.

One text is gone through once, however many people are looked for: what could be an address, a
number or an id is picked out and looked up. Capital letters, full-width digits, percent signs
and escapes of JSON make no difference; neither do the separators of a telephone number, nor
the part of an address after a plus sign. A plain hash of an address (MD5, SHA-1, SHA-256) is
found too, for whoever knows the address knows whose hash it is. What is encrypted or encoded
otherwise is not found.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote

from seiyaku.scan.identifiers import MIN_BITS, Identifier, Kind, bits, national, plain

_MAIL: Final = re.compile(r"[a-z0-9._%+\-]+@[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?")
_NUMBER: Final = re.compile(r"\(?[0-9]+(?:[ ().\-]{1,2}[0-9]+)*")
_DIGITS: Final = re.compile(r"[0-9]+")
_RUN: Final = re.compile(r"[0-9a-z]{6,}")
_ESCAPE: Final = re.compile(r"\\u([0-9a-f]{4})")
_FILE: Final = re.compile(
    r"(\.(png|jpe?g|gif|webp|heic|mp4|pdf|csv|tsv|txt|jsonl?|xml|html?|eml|mbox|gz|zip))+$"
)
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_HASHES: Final = ("md5", "sha1", "sha256")
_MOST_GROUPS: Final = 6
_SEPARATORS: Final = str.maketrans("", "", " ().-")
_FEW: Final = 200
"""Needles, about those of five people, up to which a quick look is worth its time."""


class Needles:
    """Identifiers of some people, ready to be looked for.

    Args:
        identifiers: what to look for; one text may hold several of them.
    """

    def __init__(self, identifiers: Iterable[Identifier]) -> None:
        self._mails: set[str] = set()
        self._phones: set[str] = set()
        self._anchors: dict[str, list[tuple[str, int, Kind]]] = {}
        self._rest: list[tuple[str, Kind]] = []
        for one in identifiers:
            self._add(one)
        locals_ = {re.split(r"[+@]", mail)[0] for mail in self._mails}
        pieces = (*locals_, *self._anchors, *(value for value, _ in self._rest))
        self._few = pieces if len(pieces) + len(self._phones) <= _FEW else ()

    def __bool__(self) -> bool:
        return bool(self._mails or self._phones or self._anchors or self._rest)

    @property
    def numbers(self) -> bool:
        """Whether one of them is made of digits alone, as a column of numbers may hold it."""
        return bool(self._phones) or any(anchor.isdigit() for anchor in self._anchors)

    def kinds(self, text: str) -> frozenset[Kind]:
        """The kinds of identifiers that stand in `text`; empty when none does."""
        forms = (f for f in _forms(text) if not self._few or self._may_hold(f))
        return frozenset(kind for form in forms for kind in self._in(form))

    def kinds_among_bytes(self, text: str) -> frozenset[Kind]:
        """The same where letters stand between other bytes: what touches a word is no part of it.

        Ids are looked for so only when there are a few: among many, one stands in any bytes.
        """
        form = plain(text)
        found = set(self._in(form))
        if self._mails and any(self._within(m) for m in _MAIL.findall(form)):
            found.add("email")
        for value, kind in self._ids if self._few else ():
            if value in form:
                found.add(kind)
        return frozenset(found)

    @property
    def _ids(self) -> Iterator[tuple[str, Kind]]:
        return ((value, kind) for held in self._anchors.values() for value, _, kind in held)

    def _within(self, address: str) -> bool:
        """Whether one of the addresses stands in what looks like a longer one."""
        local, _, domain = address.partition("@")
        starts = range(len(local))
        return any(
            f"{local[start:]}@{domain[:end]}" in self._mails
            for start in starts
            for end in range(len(domain), 2, -1)
        )

    def _may_hold(self, text: str) -> bool:
        """A quick look: whether a piece of any of a few needles stands in `text` at all."""
        if any(piece in text for piece in self._few):
            return True
        return bool(self._phones) and any(p in text.translate(_SEPARATORS) for p in self._phones)

    def _add(self, one: Identifier) -> None:
        if one.kind == "phone":
            self._phones.add(one.value)
        elif one.kind == "email" and (mails := _MAIL.findall(one.value)):
            self._mails.add(mails[-1])
            for name in _HASHES:
                digest = hashlib.new(name, one.value.encode(), usedforsecurity=False).hexdigest()
                self._anchor(digest, "email")
        else:
            self._anchor(one.value, one.kind)
            if _UUID.fullmatch(one.value):
                self._anchor(one.value.replace("-", ""), one.kind)

    def _anchor(self, value: str, kind: Kind) -> None:
        """Look for the longest part without separators; alone where it is worth enough itself."""
        runs = sorted(_RUN.finditer(value), key=lambda m: len(m.group()))
        if not runs:
            self._rest.append((value, kind))
            return
        part, start = runs[-1].group(), runs[-1].start()
        if bits(part) >= 2 * MIN_BITS:
            value, start = part, 0
        self._anchors.setdefault(part, []).append((value, start, kind))

    def _in(self, text: str) -> Iterator[Kind]:
        if self._mails and "@" in text and any(self._is_mail(m) for m in _MAIL.findall(text)):
            yield "email"
        if self._phones and any(n in self._phones for n in _numbers(text)):
            yield "phone"
        for run in _RUN.finditer(text) if self._anchors else ():
            for value, start, kind in self._anchors.get(run.group(), ()):
                if _stands(text, value, run.start() - start):
                    yield kind
        yield from (kind for value, kind in self._rest if value in text)

    def _is_mail(self, address: str) -> bool:
        if address in self._mails:
            return True
        local, _, domain = _FILE.sub("", address).partition("@")
        if f"{local}@{domain}" in self._mails:
            return True
        return "+" in local and f"{local.partition('+')[0]}@{domain}" in self._mails


def _forms(text: str) -> Iterator[str]:
    """The text as it is compared, and once more where parts of it were escaped."""
    form = plain(text)
    yield form
    opened = unquote(form) if "%" in form else form
    if "\\u" in opened:
        opened = _ESCAPE.sub(lambda m: chr(int(m.group(1), 16)), opened)
    if opened != form:
        yield plain(opened)


def _numbers(text: str) -> Iterator[str]:
    """Everything that could be a telephone number, in the form it is compared in."""
    for match in _NUMBER.finditer(text):
        groups = _DIGITS.findall(match.group())
        for first in range(len(groups)):
            digits = ""
            for group in groups[first : first + _MOST_GROUPS]:
                digits += group
                if len(digits) > 16:
                    break
                if len(digits) >= 8:
                    yield national(digits)


def _stands(text: str, value: str, at: int) -> bool:
    """Whether `value` stands at this place, and is not the middle of something longer."""
    end = at + len(value)
    if at < 0 or text[at:end] != value:
        return False
    before, after = text[at - 1 : at] if at else "", text[end : end + 1]
    return not (_alnum(before) or _alnum(after))


def _alnum(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()
