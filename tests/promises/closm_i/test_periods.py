"""Articles 9.1 and 9.2b: what is over goes, also where nobody asks and nobody owns it."""

from __future__ import annotations

from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.evidence import Entry
from seiyaku.testing.promises import promise

from ..homes import APPROVER, Installed


def entries(home: Installed) -> list[Entry]:
    log = home.home.parts.log_reader()
    return [log.entry(n) for n in range(log.checkpoint().size)]


def dispose(home: Installed) -> None:
    found = home.home.dispose()
    assert found.request is not None
    plan = home.home.plan(found.request)
    home.home.approve(plan.id, APPROVER)
    assert home.home.run(plan.id).state == "done"


@promise("CLOSM-9.1")
def test_only_the_log_of_181_days_goes_and_the_certificate_shows_count_and_rule(
    mine: Installed,
) -> None:
    """Given a period of 180 days and lines of 179, 180 and 181 days; only the last one goes."""
    mine.sql("DELETE FROM access_logs")
    add = "INSERT INTO access_logs (id, user_id, ip, path, accessed_at) VALUES (?, 1, 'x', '/', ?)"
    for number, day in ((1, "2026-05-25"), (2, "2026-05-24"), (3, "2026-05-23")):
        mine.sql(add, number, f"{day} 09:00:00")
    dispose(mine)
    assert mine.sql("SELECT id FROM access_logs ORDER BY id") == [(1,), (2,)]
    [told] = [e for e in entries(mine) if e.kind == "disposal" and e.system == "app.access_logs"]
    assert (told.counts, told.detail["rule"], told.clauses) == ({"rows": 1}, "logs", ("CLOSM-9.1",))


@promise("CLOSM-9.2b")
def test_an_order_nobody_owns_any_more_is_really_erased_when_its_legal_period_ends(
    mine: Installed,
) -> None:
    """Given the order of dai who left, and the order of aki who stays, both of 2026; in 2030
    both are there; when the law's period has ended, dai's goes with everything that hung on
    it, and aki's stays because it is hers.
    """
    dai, aki = mine.world.person("dai"), mine.world.person("aki")
    mine.carry_out("closure", dai.id)
    [(kept,)] = mine.sql("SELECT id FROM orders WHERE user_id IS NULL")
    hers = mine.sql("SELECT id FROM orders WHERE user_id = ?", aki.number)
    mine.clock.set("2030-06-01T09:00:00+09:00")
    dispose(mine)  # the logs are over by then
    assert mine.sql("SELECT id FROM orders WHERE id = ?", kept) == [(kept,)]
    mine.clock.set("2034-03-02T09:00:00+09:00")
    dispose(mine)
    for table, column in (
        ("orders", "id"),
        ("order_items", "order_id"),
        ("shipping_addresses", "order_id"),
        ("payments", "order_id"),
    ):
        assert not mine.sql(f"SELECT 1 FROM {table} WHERE {column} = ?", kept), table
    assert mine.sql("SELECT id FROM orders WHERE user_id = ?", aki.number) == hers
    assert mine.home.dispose().request is None


@promise("CLOSM-9.1")
def test_the_command_disposes_and_names_what_it_did_not_go_through(mine: Installed) -> None:
    mine.clock.set("2026-11-20T09:00:00+09:00")
    mine.home.close()
    asked = ["retention", "run", "--by", "sato", "--home", str(mine.folder)]
    shown = CliRunner().invoke(cli, asked)
    assert shown.exit_code == 0, shown.output
    assert "logs.access" in shown.output
