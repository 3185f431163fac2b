"""Where data lies, how a row belongs to a person, and what was never promised.

The data map is the second file a company writes: systems, datasets, fields, links. `parse`
reads it against the policy; `graph.resolve` orders it so that every row of a person can be
found, and reports what no path reaches; `find` goes from a person to their rows in every
system; `gaps` compares map and policy with what exists now. `system` is the idea of a company
system, which `seiyaku.systems` implements and plans lean on. Serves the rights of disclosure,
correction and erasure (APPI 33-35) and the duty to hold nothing beyond the purposes published
(APPI 17, 18, 22). Life cycle: written, parsed, resolved, surveyed, planned on.
"""

from seiyaku.datamap.feasible import check_feasible
from seiyaku.datamap.find import (
    Everywhere,
    asked_by,
    find_people,
    first_handles,
    locate_everywhere,
    people_in,
    person_id,
)
from seiyaku.datamap.gaps import find_gaps, no_texts
from seiyaku.datamap.graph import Resolution, paths_of, resolve
from seiyaku.datamap.model import DataMap, Dataset, Field, Link, SystemEntry, system_of
from seiyaku.datamap.parse import (
    ParsedDataMap,
    check_datamap,
    parse_datamap,
    parse_datamap_bytes,
)

__all__ = [
    "DataMap",
    "Dataset",
    "Everywhere",
    "Field",
    "Link",
    "ParsedDataMap",
    "Resolution",
    "SystemEntry",
    "asked_by",
    "check_datamap",
    "check_feasible",
    "find_gaps",
    "find_people",
    "first_handles",
    "locate_everywhere",
    "no_texts",
    "parse_datamap",
    "parse_datamap_bytes",
    "paths_of",
    "people_in",
    "person_id",
    "resolve",
    "system_of",
]
