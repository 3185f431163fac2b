"""Article 3.5: what was given is disposed of when its time ends, or earlier once it has served."""

from __future__ import annotations

from seiyaku.evidence import Entry
from seiyaku.testing.promises import promise

from ..homes import APPROVER, Installed

ADD = (
    "INSERT INTO identity_documents (id, customer_id, license_number, scan_key, received_at, "
    "checked_at) VALUES (?, ?, ?, ?, datetime(?), datetime(?))"
)
AGES = "2026-11-20 09:00:00"


def only(home: Installed, *rows: tuple[int, str, str | None]) -> None:
    """Nothing but these documents: id, day received, day checked."""
    [(customer,)] = home.sql("SELECT min(id) FROM customers")
    home.sql("DELETE FROM identity_documents")
    for number, received_on, checked_on in rows:
        home.sql(ADD, number, customer, f"31{number:010d}", f"s{number}", received_on, checked_on)


def disposed(home: Installed) -> list[Entry]:
    """Carry out what is over; its certificates."""
    found = home.home.dispose()
    if found.request is None:
        return []
    plan = home.home.plan(found.request)
    home.home.approve(plan.id, APPROVER)
    assert home.home.run(plan.id).state == "done"
    home.clock.advance(days=1)
    assert home.home.run(plan.id).state == "done"  # again: nothing more, no second certificate
    home.clock.advance(days=-1)
    log = home.home.parts.log_reader()
    entries = [log.entry(n) for n in range(log.checkpoint().size)]
    return [e for e in entries if e.kind == "disposal"]


@promise("JSER-3.5b")
def test_a_licence_of_91_days_is_disposed_of_with_a_certificate_and_one_of_89_stays(
    mine: Installed,
) -> None:
    """Given a period of 90 days and documents of 89, 90 and 91 days; the disposal takes the last
    one alone, and the certificate tells how many, by which rule and clause, and when.
    """
    only(mine, (1, "2026-08-23", None), (2, "2026-08-22", None), (3, "2026-08-21", None))
    [certificate] = [e for e in disposed(mine) if e.system == "app.identity_documents"]
    assert mine.sql("SELECT id FROM identity_documents ORDER BY id") == [(1,), (2,)]
    assert certificate.counts == {"rows": 1}
    assert certificate.clauses == ("JSER-3.5a",)
    assert certificate.detail["rule"] == "identity_documents"
    assert certificate.at == mine.clock.now()
    assert not [e for e in disposed(mine) if e.counts == {"rows": 0}]


@promise("JSER-3.5c")
def test_a_licence_goes_once_it_was_checked_though_its_period_runs(mine: Installed) -> None:
    """Given a document checked on day 3 of 90 and one not yet checked; the disposal takes the
    checked one, the other waits for its check, and the customer's name stays.
    """
    only(mine, (1, "2026-11-17", "2026-11-20"), (2, "2026-11-17", None))
    people = mine.sql("SELECT id, name FROM customers ORDER BY id")
    disposed(mine)
    assert mine.sql("SELECT id FROM identity_documents") == [(2,)]
    assert mine.sql("SELECT id, name FROM customers ORDER BY id") == people
