"""Read law packs: every fault at once, each with file, line and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from functools import cache

from seiyaku.kernel.document import Document, Loc, check_model, parse_document
from seiyaku.kernel.errors import InvalidDocument, InvalidInput
from seiyaku.kernel.faults import Fault
from seiyaku.laws.countries import known_country
from seiyaku.laws.lookup import Laws, key_of
from seiyaku.laws.model import Fact, Pack
from seiyaku.laws.resources import pack_ids, pack_source


@cache
def load_pack(pack_id: str) -> Pack:
    """The pack called `pack_id` that comes with the package.

    Raises:
        InvalidInput: SY110 there is no such pack; the hint lists the known ones.
        InvalidDocument: the pack has faults; all of them.

    Examples:
        >>> load_pack("jp-records").keeping[0].years
        7
    """
    known = pack_ids()
    if pack_id not in known:
        near = difflib.get_close_matches(pack_id, known, n=1)
        guess = f"did you mean `{near[0]}`? " if near else ""
        raise InvalidInput(
            f"unknown law pack `{pack_id}`",
            code="SY110",
            hint=f"{guess}known packs: {', '.join(known)}",
        )
    return parse_pack(pack_source(pack_id), f"packs/{pack_id}.yaml")


def load_packs(ids: Sequence[str]) -> Laws:
    """Several packs as one value; raises as `load_pack`.

    Examples:
        >>> laws = load_packs(["jp-appi", "jp-records"])
        >>> basis = laws.basis("entrust")
        >>> str(basis.citation) if basis else ""
        'APPI 27(5)(i)'
    """
    return Laws(tuple(load_pack(pack_id) for pack_id in dict.fromkeys(ids)))


def parse_pack(source: bytes, file: str) -> Pack:
    """Read a pack from YAML bytes; `file` is the name shown in faults.

    Raises:
        InvalidDocument: the pack has faults; all of them.
    """
    document = parse_document(source, file)
    pack = check_model(document, Pack)
    faults = sorted({*_overlaps(document, pack), *_dangling(document, pack)})
    if faults:
        raise InvalidDocument(faults)
    return pack


def _overlaps(document: Document, pack: Pack) -> Iterator[Fault]:
    """Two entries of one name that both hold on some day: nobody could say which counts."""
    for table in Pack.model_fields:
        entries = getattr(pack, table)
        if not isinstance(entries, tuple):
            continue
        for index, entry in enumerate(entries):
            same = (e for e in entries[:index] if key_of(e) == key_of(entry))
            if any(_share_a_day(earlier, entry) for earlier in same):
                yield Fault(
                    document.place((table, index)),
                    "overlapping-entries",
                    f"`{key_of(entry) or table}` holds on the same days as an entry above",
                    hint="end the older entry with `valid_to`",
                )


def _share_a_day(a: Fact, b: Fact) -> bool:
    return any(x.first_day is not None and y.holds_on(x.first_day) for x, y in ((a, b), (b, a)))


def _dangling(document: Document, pack: Pack) -> Iterator[Fault]:
    """Words that name nothing in the pack."""
    exceptions = {entry.code for entry in pack.exceptions}
    for i, kind in enumerate(pack.recipient_kinds):
        yield from _unknown(
            document, ("recipient_kinds", i, "exceptions"), kind.exceptions, exceptions
        )
    bases, routes = {b.code for b in pack.bases}, {r.code for r in pack.routes}
    for i, rule in enumerate(pack.record_rules):
        yield from _unknown(document, ("record_rules", i, "bases"), rule.bases, bases)
        yield from _unknown(document, ("record_rules", i, "routes"), rule.routes, routes)
    for table in ("record_contents", "receipt_contents"):
        for i, content in enumerate(getattr(pack, table)):
            yield from _unknown(document, (table, i, "basis"), (content.basis,), bases)
    if not known_country(pack.home):
        place = document.place(("home",))
        yield Fault(place, "unknown-country", f"`{pack.home}` is no country", hint="write `JP`")


def _unknown(
    document: Document, loc: Loc, words: Sequence[str], known: set[str]
) -> Iterator[Fault]:
    for index, word in enumerate(words):
        if word not in known:
            hint = "known: " + ", ".join(sorted(known)) if known else "the pack declares none"
            place = document.place((*loc, index))
            yield Fault(place, "unknown-word", f"`{word}` is not declared", hint=hint)
