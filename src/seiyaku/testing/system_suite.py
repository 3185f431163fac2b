"""The suite every company system passes: run it on your own driver before you trust it.

Subclass `SystemSuite` in a test module, give it a fixture called ``bench``, and pytest does the
rest::

    class TestMySystem(SystemSuite):
        gaps = {"test_a_correction_sets_new_values": "the vendor has no update call"}

        @pytest.fixture
        def bench(self, tmp_path):
            return Bench(...)

A bench is a small world: one person whose rows are known, other people who must not be
touched, and a way to look at every row that does not go through the driver. What a driver
cannot do is declared in `gaps`; a gap that has been closed fails until it is taken out.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import ClassVar

import pytest

from seiyaku.datamap import DataMap, resolve
from seiyaku.datamap.answer import answer
from seiyaku.datamap.system import (
    Action,
    Applied,
    Capabilities,
    Content,
    Handles,
    Located,
    Row,
    Step,
    System,
    Value,
    Verb,
)
from seiyaku.kernel.errors import SeiyakuError, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId, SystemId

Holdings = Mapping[DatasetId, Sequence[Row]]
RUN = RunId("suite-run")


@dataclass(frozen=True)
class Correction:
    """A column of the person's own row, and a new value for it."""

    dataset: DatasetId
    column: str
    value: Value


@dataclass(frozen=True)
class Bench:
    """A world for one system under test.

    Args:
        system: its id in `datamap`, which may hold other systems that links point at.
        open: a new driver on the same data each time.
        person, absent: handles of somebody whose rows are `held`, and of nobody.
        held: what an export of the person must give, dataset by dataset, rows in any order,
            types as they must come out; the other person's columns of a shared row are None.
        referring: rows of other people that point at the person's rows, by dataset.
        look: every row of the system, read without the driver, with the columns of `fields`.
        cut_off: while it is entered, the system does not answer.
        spoil: while it is entered, an erasure fails before it is complete.
        markers: texts from the data that no error may hold.
        correction: None where the driver does not claim the verb ``set``.
        addition: a column the person's own rows leave empty, and a value for it; None where
            there is none that may be filled.
        suspension: a column by which the system stops to use the person's rows, its value
            while it does; None where the system knows no such thing.
        throttle: while it is entered, the system takes no more requests for a while; None
            where it has no such limit.
    """

    system: SystemId
    datamap: DataMap
    open: Callable[[], System]
    person: Handles
    absent: Handles
    held: Holdings
    look: Callable[[], Holdings]
    cut_off: Callable[[], AbstractContextManager[object]]
    spoil: Callable[[], AbstractContextManager[object]]
    markers: tuple[str, ...]
    referring: Mapping[DatasetId, int]
    correction: Correction | None = None
    addition: Correction | None = None
    suspension: Correction | None = None
    throttle: Callable[[], AbstractContextManager[object]] | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """How the person's rows are found in this system."""
        return resolve(self.datamap).of_system(self.system)


def erasing(
    datamap: DataMap, steps: Sequence[Step], located: Located, can: Capabilities
) -> list[Action]:
    """The actions that erase what was located, each dataset as the data map says."""
    actions: list[Action] = []
    for step in steps:
        owning = tuple(p for p in step.paths if p.owns)
        how = datamap.dataset(step.dataset).erase.how
        verb: Verb = how if how in can.verbs else "delete"
        if located.rows.get(step.dataset):
            own = Action(step.dataset, verb, owning, step.root, expected=located.rows[step.dataset])
            actions.append(own if verb == "delete" else _emptied(datamap, own))
        if located.references.get(step.dataset):
            actions += _references(datamap, step, located.references[step.dataset])
    return actions


def _emptied(datamap: DataMap, action: Action) -> Action:
    dataset = datamap.dataset(action.dataset)
    items = tuple(c for c, f in dataset.fields.items() if f.item and c not in dataset.key)
    cut = tuple(dict.fromkeys(c for p in action.paths for c in p.by if c not in dataset.key))
    fills = tuple((c, f.blank) for c, f in dataset.fields.items() if f.blank is not None)
    return replace(action, blank=items if action.verb == "blank" else (), cut=cut, fills=fills)


def _references(datamap: DataMap, step: Step, expected: int) -> list[Action]:
    dataset, found = datamap.dataset(step.dataset), []
    for path in step.paths:
        link = next((k for k in dataset.links if k.by == path.by and not k.owns), None)
        if link is not None and not path.owns:
            cut = path.by if link.on_erase == "unlink" else ()
            verb: Verb = link.on_erase
            found.append(Action(step.dataset, verb, (path,), cut=cut, expected=expected))
    return found


class SystemSuite:
    """Every test a driver passes; see the module.

    Attributes:
        gaps: name of a test → why the driver does not pass it.
    """

    gaps: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture(autouse=True)
    def _declared_gaps(self, request: pytest.FixtureRequest) -> None:
        name = request.node.originalname
        unknown = [g for g in self.gaps if not hasattr(type(self), g)]
        assert not unknown, f"gaps name tests that do not exist: {unknown}"
        if name in self.gaps:
            mark = pytest.mark.xfail(reason=self.gaps[name], strict=True)
            request.node.add_marker(mark)

    def test_a_person_is_found_with_all_their_rows(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            located = system.locate(bench.steps, bench.person)
        assert _some(located.rows) == {d: len(rows) for d, rows in bench.held.items()}
        assert _some(located.references) == dict(bench.referring)

    def test_an_export_holds_every_row_with_its_types(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            found = {}
            for rows in system.export(bench.steps, bench.person):
                assert rows.columns == tuple(bench.datamap.dataset(rows.dataset).fields)
                found[rows.dataset] = [tuple(r) for r in rows.rows]
        assert {d: _typed(rows) for d, rows in found.items()} == {
            d: _typed(rows) for d, rows in bench.held.items()
        }

    def test_an_export_broken_off_leaves_the_system_as_usable_as_before(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            for taken in (0, 1):
                with answer(system, bench.steps, bench.person) as sets:
                    rows = next(sets).rows
                    assert len(list(islice(rows, taken))) == taken
            located = system.locate(bench.steps, bench.person)
        assert _some(located.rows) == {d: len(rows) for d, rows in bench.held.items()}

    def test_somebody_unknown_has_nothing(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            located = system.locate(bench.steps, bench.absent)
            sets = [s for s in system.export(bench.steps, bench.absent) if list(s.rows)]
        assert _some(located.rows) == {}
        assert _some(located.references) == {}
        assert sets == []

    def test_reading_changes_nothing(self, bench: Bench) -> None:
        before = _counted(bench.look())
        with closing(bench.open()) as system:
            system.surface()
            system.locate(bench.steps, bench.person)
            list(system.export(bench.steps, bench.person))
            system.read_again(bench.steps, bench.person)
        assert _counted(bench.look()) == before

    def test_an_erasure_takes_the_person_and_nobody_else(self, bench: Bench) -> None:
        before = _counted(bench.look())
        with closing(bench.open()) as system:
            applied, _ = _erase(bench, system)
        after = _counted(bench.look())
        deleted, blanked = sum(applied.deleted.values()), sum(applied.blanked.values())
        assert sum((before - after).values()) == deleted + blanked
        assert sum((after - before).values()) == blanked
        own = sum(len(rows) for rows in bench.held.values())
        assert deleted + blanked == own + sum(bench.referring.values())

    def test_what_was_exported_is_what_is_erased(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            exported = {
                s.dataset: len(list(s.rows)) for s in system.export(bench.steps, bench.person)
            }
            applied, _ = _erase(bench, system)
        done = Counter(applied.deleted) + Counter(applied.blanked) + Counter(applied.kept)
        assert done - Counter(bench.referring) == Counter(exported)

    def test_after_an_erasure_the_old_values_find_nothing(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            _, located = _erase(bench, system)
            handles = bench.person.merged(located.handles)
            assert _some(system.read_again(bench.steps, handles)) == {}

    def test_reading_again_shows_what_is_still_there(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            handles = system.locate(bench.steps, bench.person).handles.merged(bench.person)
            again = system.read_again(bench.steps, handles)
        held = Counter({d: len(rows) for d, rows in bench.held.items()})
        assert Counter(_some(again)) == held + Counter(bench.referring)

    def test_a_run_repeated_changes_nothing_more(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            located = system.locate(bench.steps, bench.person)
            actions = erasing(bench.datamap, bench.steps, located, system.capabilities)
            handles = located.handles.merged(bench.person)
            first = system.apply(RUN, actions, handles)
        after = _counted(bench.look())
        with closing(bench.open()) as system:
            second = system.apply(RUN, actions, handles)
        assert not first.again
        assert second == replace(first, again=True)
        assert _counted(bench.look()) == after

    def test_two_at_once_do_it_once(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            located = system.locate(bench.steps, bench.person)
            actions = erasing(bench.datamap, bench.steps, located, system.capabilities)
        handles = located.handles.merged(bench.person)
        answers: list[Applied | SeiyakuError] = []

        def work() -> None:
            with closing(bench.open()) as mine:
                try:
                    answers.append(mine.apply(RUN, actions, handles))
                except SystemUnavailable as error:
                    answers.append(error)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 2
        assert len([a for a in answers if isinstance(a, Applied) and not a.again]) == 1

    def test_a_plan_that_counted_other_rows_changes_nothing(self, bench: Bench) -> None:
        before = _counted(bench.look())
        with closing(bench.open()) as system:
            located = system.locate(bench.steps, bench.person)
            actions = erasing(bench.datamap, bench.steps, located, system.capabilities)
            wrong = [replace(a, expected=a.expected + 1) for a in actions]
            error = _refused(system, wrong, located.handles.merged(bench.person))
        _says(error, "SY5", bench)
        assert _counted(bench.look()) == before

    def test_a_failure_half_way_leaves_nothing_half_done(self, bench: Bench) -> None:
        before = _counted(bench.look())
        with closing(bench.open()) as system:
            located = system.locate(bench.steps, bench.person)
            actions = erasing(bench.datamap, bench.steps, located, system.capabilities)
            handles = located.handles.merged(bench.person)
            with bench.spoil():
                error = _refused(system, actions, handles)
            _says(error, "SY", bench)
            assert _counted(bench.look()) == before
        with closing(bench.open()) as system:
            assert not system.apply(RUN, actions, handles).again

    def test_a_system_that_does_not_answer_says_so(self, bench: Bench) -> None:
        with bench.cut_off(), closing(bench.open()) as system:
            with pytest.raises(SystemUnavailable) as caught:
                system.locate(bench.steps, bench.person)
            _says(caught.value, "SY3", bench)
            with pytest.raises(SystemUnavailable):
                system.read_again(bench.steps, bench.person)
        with closing(bench.open()) as system:
            assert system.locate(bench.steps, bench.person).rows

    def test_a_correction_sets_new_values(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            if bench.correction is None:
                assert "set" not in system.capabilities.verbs
                return
            _set(bench, system, RUN, bench.correction)
            assert set(_values(bench, system, bench.correction)) == {bench.correction.value}

    def test_an_addition_fills_what_was_empty_and_nothing_else(self, bench: Bench) -> None:
        if bench.addition is None:
            return
        before = _counted(bench.look())
        with closing(bench.open()) as system:
            assert set(_values(bench, system, bench.addition)) == {None}
            _set(bench, system, RUN, bench.addition)
            assert set(_values(bench, system, bench.addition)) == {bench.addition.value}
        after = _counted(bench.look())
        assert sum((after - before).values()) == len(bench.held[bench.addition.dataset])

    def test_a_suspension_is_lifted_without_a_trace(self, bench: Bench) -> None:
        if bench.suspension is None:
            return
        before = _counted(bench.look())
        with closing(bench.open()) as system:
            (was,) = set(_values(bench, system, bench.suspension))
            _set(bench, system, RunId("suite-suspend"), bench.suspension)
            assert set(_values(bench, system, bench.suspension)) == {bench.suspension.value}
            _set(bench, system, RunId("suite-resume"), replace(bench.suspension, value=was))
        assert _counted(bench.look()) == before

    def test_a_system_that_takes_no_more_requests_is_waited_for_or_said(self, bench: Bench) -> None:
        if bench.throttle is None:
            return
        with bench.throttle(), closing(bench.open()) as system:
            try:
                rows = _some(system.locate(bench.steps, bench.person).rows)
            except SystemUnavailable as error:
                _says(error, "SY3", bench)
            else:
                assert rows == {d: len(some) for d, some in bench.held.items()}
        with closing(bench.open()) as system:
            assert system.locate(bench.steps, bench.person).rows

    def test_verbs_it_does_not_claim_are_refused(self, bench: Bench) -> None:
        before = _counted(bench.look())
        with closing(bench.open()) as system:
            every: tuple[Verb, ...] = ("delete", "blank", "unlink", "keep", "set")
            located = system.locate(bench.steps, bench.person)
            for verb in (v for v in every if v not in system.capabilities.verbs):
                step = next(s for s in bench.steps if located.rows.get(s.dataset))
                paths = tuple(p for p in step.paths if p.owns)
                count = located.rows[step.dataset]
                action = Action(step.dataset, verb, paths, step.root, expected=count)
                _says(_refused(system, [action], bench.person), "SY", bench)
        assert _counted(bench.look()) == before

    def test_it_says_what_reading_again_covers(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            can = system.capabilities
        assert not can.immutable
        assert not can.by_hand
        assert can.covers
        assert can.excludes
        assert all(len(c) == 2 and c.isupper() for c in can.countries)

    def test_the_surface_shows_every_declared_column(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            tables = {t.name: {c.name for c in t.columns} for t in system.surface()}
        for name, dataset in bench.datamap.systems[bench.system].datasets.items():
            assert set(dataset.fields) <= tables[dataset.table or name]

    def test_texts_can_be_read_by_row(self, bench: Bench) -> None:
        with closing(bench.open()) as system:
            said = [
                (key, text)
                for table in system.surface()
                for column in table.columns
                if column.text
                for key, text in system.texts(table.name, column.name)
            ]
        assert all(isinstance(part, str) for pair in said for part in pair)
        everything = " ".join(text for _, text in said)
        assert all(marker in everything for marker in bench.markers)


def _erase(bench: Bench, system: System) -> tuple[Applied, Located]:
    located = system.locate(bench.steps, bench.person)
    actions = erasing(bench.datamap, bench.steps, located, system.capabilities)
    return system.apply(RUN, actions, located.handles.merged(bench.person)), located


def _set(bench: Bench, system: System, run: RunId, to: Correction) -> None:
    """Set one column of the person's rows of a dataset."""
    step = next(s for s in bench.steps if s.dataset == to.dataset)
    owning = tuple(p for p in step.paths if p.owns)
    count = len(bench.held[to.dataset])
    action = Action(to.dataset, "set", owning, step.root, kept=(to.column,), expected=count)
    system.apply(run, [action], bench.person, {(to.dataset, to.column): to.value})


def _values(bench: Bench, system: System, of: Correction) -> list[Value]:
    """What an export of the person shows in one column; every row of theirs is there."""
    with answer(system, bench.steps, bench.person) as sets:
        found = next(s for s in sets if s.dataset == of.dataset)
        place = found.columns.index(of.column)
        values = [row[place] for row in found.rows]
    assert len(values) == len(bench.held[of.dataset])
    return values


def _refused(system: System, actions: Sequence[Action], handles: Handles) -> SeiyakuError:
    with pytest.raises(SeiyakuError) as caught:
        system.apply(RUN, actions, handles)
    return caught.value


def _says(error: SeiyakuError, code: str, bench: Bench) -> None:
    """An error has a code and says nothing about anybody, nor does what it was raised from."""
    assert error.code.startswith(code)
    shown = f"{error} {error.hint()}"
    if error.__cause__ is not None:
        shown += f" {error.__cause__}"
    if error.__context__ is not None and not error.__suppress_context__:
        shown += f" {error.__context__}"
    assert not [m for m in bench.markers if m in shown]


def _some(counts: Mapping[DatasetId, int]) -> dict[DatasetId, int]:
    return {d: n for d, n in counts.items() if n}


def _typed(rows: Sequence[Row]) -> Counter[tuple[tuple[type, str], ...]]:
    """Rows as a bag in which 1, True and "1" differ, and so do two zones."""
    read = (tuple(b"".join(v.pieces()) if isinstance(v, Content) else v for v in r) for r in rows)
    return Counter(tuple((type(v), repr(v)) for v in row) for row in read)


def _counted(held: Holdings) -> Counter[tuple[DatasetId, str]]:
    return Counter((d, repr(tuple(row))) for d, rows in held.items() for row in rows)
