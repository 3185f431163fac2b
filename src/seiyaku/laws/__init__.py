"""Law as data: what the regimes say, with article, source, days of validity and doubt.

A *pack* is one regime (``packs/jp-appi.yaml``). `load_packs` puts the packs a policy names
together as `Laws`; `Laws.at(day)` answers as the law stands on a day: bases and exceptions of
provision (APPI 27), routes abroad (28), need and keeping of records (29, 30), requests and
their clocks (32-39), keeping by other laws, minors, leaks (26), external transmission (TBA
27-12). A fact that rests on memory says ``verified: false`` and the product repeats it.
Life cycle of an entry: draft, promulgated, in force (`valid_from`), ended (`valid_to`).
Code asks the pack; it never says "33".
"""

from seiyaku.laws.calendars import BusinessDays, public_holidays, tokyo_day
from seiyaku.laws.cite import Citation, parse_citation
from seiyaku.laws.clocks import (
    BreachClock,
    breach_clock,
    end_of_keeping,
    end_of_record,
    litigation_line,
)
from seiyaku.laws.load import load_pack, load_packs, parse_pack
from seiyaku.laws.lookup import CitedFact, Laws
from seiyaku.laws.model import (
    Basis,
    BreachRule,
    Element,
    Fact,
    KeepingRule,
    MinorRule,
    Pack,
    ProvisionException,
    RecipientKind,
    RecordKeeping,
    RecordRule,
    RequestKind,
    RequestRule,
    Route,
    TransmissionRule,
)
from seiyaku.laws.resources import pack_ids

__all__ = [
    "Basis",
    "BreachClock",
    "BreachRule",
    "BusinessDays",
    "Citation",
    "CitedFact",
    "Element",
    "Fact",
    "KeepingRule",
    "Laws",
    "MinorRule",
    "Pack",
    "ProvisionException",
    "RecipientKind",
    "RecordKeeping",
    "RecordRule",
    "RequestKind",
    "RequestRule",
    "Route",
    "TransmissionRule",
    "breach_clock",
    "end_of_keeping",
    "end_of_record",
    "litigation_line",
    "load_pack",
    "load_packs",
    "pack_ids",
    "parse_citation",
    "parse_pack",
    "public_holidays",
    "tokyo_day",
]
