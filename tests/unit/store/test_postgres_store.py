"""The store suite on PostgreSQL, and what several processes at once must show."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import Acceptance
from seiyaku.store.people import ChangeStore, StandingStore
from seiyaku.store.plans import RunStore
from seiyaku.store.store import Store
from seiyaku.testing.servers import Database
from seiyaku.testing.store_suite import AT, StoreSuite


@pytest.fixture
def store(postgres_database: Database) -> Iterator[Store]:
    opened = Store.at(sa.make_url(postgres_database.url))
    yield opened
    opened.close()


class TestPostgresStore(StoreSuite):
    """Every test of the suite."""


def test_processes_that_come_first_at_once_make_the_tables_once(
    postgres_database: Database,
) -> None:
    found: list[Store] = []

    def come() -> None:
        found.append(Store.at(sa.make_url(postgres_database.url)))

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({store.secret("people") for store in found}) == 1
    for store in found:
        store.close()


def test_a_door_that_keeps_up_misses_no_change_that_commits_late(
    postgres_database: Database,
) -> None:
    first, second = (Store.at(sa.make_url(postgres_database.url)) for _ in range(2))
    numbered, late = threading.Event(), threading.Event()

    def slow() -> None:
        with first.together():
            StandingStore(first).append([Acceptance(PersonId("1"), AT, "v1")])
            numbered.set()
            late.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    assert numbered.wait(10)
    other = threading.Thread(
        target=lambda: StandingStore(second).append([Acceptance(PersonId("2"), AT, "v1")])
    )
    other.start()
    other.join(0.3)
    seen = ChangeStore(second).last()
    late.set()
    thread.join()
    other.join()
    found = ChangeStore(second).since(seen)
    first.close()
    second.close()
    assert found == frozenset({"1", "2"})


def test_a_store_of_an_earlier_version_gets_the_columns_it_lacks(
    postgres_database: Database,
) -> None:
    url = sa.make_url(postgres_database.url)
    Store.at(url).close()
    postgres_database.run("ALTER TABLE packages DROP COLUMN ends_at")
    reopened = Store.at(url)
    assert "ends_at" in {c["name"] for c in sa.inspect(reopened.engine).get_columns("packages")}
    reopened.close()


def test_connections_that_the_server_closed_are_noticed_before_they_are_used(
    store: Store, postgres_database: Database
) -> None:
    with store.together(), ThreadPoolExecutor(1) as pool:  # two at rest afterwards
        pool.submit(lambda: store.secret("people")).result()
        store.secret("gone")
    postgres_database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    time.sleep(0.1)
    with store.together(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: RunStore(store).halted()).result() is None
        RunStore(store).halt("sato", AT)
    assert RunStore(store).halted() is not None


def test_a_server_that_is_not_there_is_a_clear_error(postgres_database: Database) -> None:
    url = sa.make_url(postgres_database.url).set(database="nowhere")
    with pytest.raises(SystemUnavailable) as caught:
        Store.at(url)
    assert caught.value.code == "SY330"
    assert "nowhere" not in str(caught.value)
