"""Names in Latin script, romaji among them: by the words around them, and by the lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from seiyaku.doors.masking.lexicon import Lexicon, lexicon
from seiyaku.doors.masking.model import Found

_UPPER: Final = "A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u017f"
_LETTER: Final = f"{_UPPER}a-z\u00df-\u00f6\u00f8-\u00ff\u0180-\u024f"
_REST: Final = rf"(?:[{_LETTER}]|['’-](?=[{_LETTER}])){{0,30}}"
_TOKEN: Final = re.compile(rf"(?<![{_LETTER}])[{_LETTER}]{_REST}\.?")
_CAPITAL: Final = rf"(?<![{_LETTER}])[{_UPPER}]{_REST}"
_RUN: Final = (
    rf"(?:St\. )?{_CAPITAL}(?:[ ](?:{_CAPITAL}\.?|de|da|van|von|der|la|del|bin|al)){{0,3}}"
)
_TITLED: Final = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Dame|Rev|Capt|Sgt)\.? ({_RUN})"
)
_ADDRESSED: Final = re.compile(
    rf"(?:\b(?:Dear|Hi|Hello|Hey|Attn:?|Cc:|To:|From:|Signed,?|Yours,?|Cheers,?)[ ]"
    rf"|(?:[Rr]egards|[Ss]incerely|[Tt]hanks|[Cc]heers|[Bb]est),?\s*\n+\s*)({_RUN})"
)
_SAID: Final = re.compile(
    r"(?i:\b(?:my (?:full )?name is|name is|i am called|call me|i'?m named|full name:?|name:"
    r"|customer:|patient:|applicant:|recipient:|contact:|account holder:?)) ?"
    r"([^\W\d_][\w'’-]*\.?(?: [^\W\d_][\w'’.-]*){0,2})"
)
_DEALT_WITH: Final = re.compile(
    r"(?i:\b(?:ask|tell|remind|call|contact|meet|invite|thank|inform"
    r"|(?:spoke|talked|met|agreed) (?:to|with)"
    r"|(?:written|signed|sent|ordered|paid|reported) by|(?:ship|send|deliver|forward)(?: it)? to"
    r"|(?:reminder|letter|reply|message|mail|e-mail|email) (?:to|from|for)|behalf of)) "
    rf"({_CAPITAL} {_CAPITAL})"
)
_DID: Final = re.compile(
    rf"({_CAPITAL} {_CAPITAL}) (?:said|says|told|wrote|asked|lives|lived|moved|works|worked"
    r"|called|replied|complained|ordered|paid|bought|signed|will attend|is attending|has not"
    r"|wants|needs)\b"
)
_I_AM: Final = re.compile(rf"\b(?:I am|I'm|This is|this is) ({_CAPITAL} {_CAPITAL})")
_SAN: Final = re.compile(r"\b([A-Z][a-z]+(?: [A-Z][a-z]+)?)[- ](?:san|sama|sensei|kun|chan)\b")
_SOFT: Final = frozenset(
    (
        "and",
        "or",
        "but",
        "at",
        "in",
        "on",
        "from",
        "with",
        "for",
        "to",
        "of",
        "is",
        "was",
        "who",
        "that",
    )
)


def find_latin_names(text: str) -> Iterator[Found]:
    """Every name in Latin script."""
    words = lexicon()
    for pattern in (_TITLED, _ADDRESSED, _SAID, _I_AM, _SAN, _DEALT_WITH, _DID):
        for match in pattern.finditer(text):
            found = _trimmed(text, *match.span(1), words)
            if found is not None:
                yield found
    yield from _listed(text, words)


def _trimmed(text: str, start: int, end: int, words: Lexicon) -> Found | None:
    """The run up to the first word that is no name."""
    last = start
    for match in _TOKEN.finditer(text, start, end):
        word = match.group().rstrip(".").casefold()
        if word in _SOFT or (word in words.common and word not in words.given):
            break
        last = match.start() + len(match.group().rstrip("."))
    return Found(start, last, "name") if last > start else None


def _listed(text: str, words: Lexicon) -> Iterator[Found]:
    tokens = list(_TOKEN.finditer(text))
    i = 0
    while i < len(tokens):
        upto = _name_from(text, tokens, i, words)
        if upto > i:
            yield Found(tokens[i].start(), _end(tokens[upto - 1]), "name")
            i = upto
        else:
            i += 1


def _name_from(text: str, tokens: Sequence[re.Match[str]], i: int, words: Lexicon) -> int:
    """One past the last token of the name that begins at token `i`; `i` where none does."""
    run = _run(text, tokens, i, words)
    folded = [_word(token) for token in tokens[i : i + run]]
    strong = any(w in words.given and w not in words.ambiguous for w in folded)
    known = [w for w in folded if w in words.given or w in words.family]
    if run >= 2 and known and (strong or len(known) > 1 or known[0] not in words.ambiguous):
        return i + run
    if run == 1 and strong:
        return i + 1
    two = [_word(token) for token in tokens[i : i + 2]]
    if not run and len(two) == 2 and _adjacent(text, tokens[i], tokens[i + 1]):
        given, family = two
        clear = given not in words.ambiguous and given not in words.common
        if clear and given in words.given and family in words.family:
            return i + 2
    return i


def _run(text: str, tokens: Sequence[re.Match[str]], i: int, words: Lexicon) -> int:
    """How many capitalised words that may be names stand in a row."""
    run = 0
    while i + run < len(tokens) and run < 4:
        token = tokens[i + run]
        if run and not _adjacent(text, tokens[i + run - 1], token):
            break
        word = _word(token)
        if not token.group()[0].isupper() or (word in words.common and word not in words.family):
            break
        run += 1
    return run


def _adjacent(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    between = text[left.end() : right.start()]
    short = len(left.group()) == 2 or left.group() in ("St.", "Ste.")  # an initial, a saint
    sentence_ends = left.group().endswith(".") and not short
    return between in (" ", "\u3000") and not sentence_ends


def _word(token: re.Match[str]) -> str:
    return token.group().rstrip(".").casefold()


def _end(token: re.Match[str]) -> int:
    return token.start() + len(token.group().rstrip("."))
