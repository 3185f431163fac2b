"""Article 0.4: one policy for all services, so that it is told of which one each table is."""

from __future__ import annotations

from pathlib import Path

import pytest

from seiyaku.datamap import parse_datamap
from seiyaku.kernel import InvalidDocument
from seiyaku.policy import parse_policy
from seiyaku.services import path as packaged
from seiyaku.testing.promises import promise

_TABLE = """      loyalty_points:
        key: id
        links: [{by: customer_id, to: customers}]
        fields: {id: ~, customer_id: ~, points: usage_record}

"""


@promise("JSER-0.4")
def test_a_table_of_no_service_is_a_fault_of_the_data_map(tmp_path: Path) -> None:
    """Given the data map with a table of loyalty points, and the system it stands in without the
    service it is of; validated, it has exactly the fault that this table, like every other of
    people there, names no service, by 0.4, at its place. With the tag on the system, or on each
    table, it is in order; a service nobody declared is a fault too.
    """
    policy = parse_policy(packaged("jsers") / "policy.yaml").policy
    text = (packaged("jsers") / "datamap.yaml").read_text("utf-8")
    tag = "  app:\n    service: portal\n"
    assert text.count(tag) == 1
    table = text.replace("    datasets:\n", f"    datasets:\n{_TABLE}", 1)
    untagged = table.replace(tag, "  app:\n")
    file = tmp_path / "datamap.yaml"
    file.write_text(table, "utf-8")
    parse_datamap(file, policy)
    file.write_text(untagged, "utf-8")
    with pytest.raises(InvalidDocument) as faulty:
        parse_datamap(file, policy)
    faults = faulty.value.faults
    assert {f.rule for f in faults} == {"service-tag-missing"}
    assert {f.clause for f in faults} == {"0.4"}
    line = untagged.splitlines().index("      loyalty_points:") + 1
    (points,) = [f for f in faults if "`loyalty_points`" in f.message]
    assert points.place.line in (line, line + 1)
    file.write_text(table.replace(tag, "  app:\n    service: casino\n"), "utf-8")
    with pytest.raises(InvalidDocument) as unknown:
        parse_datamap(file, policy)
    assert {f.rule for f in unknown.value.faults} == {"unknown-service"}
