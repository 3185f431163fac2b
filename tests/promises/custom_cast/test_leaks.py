"""Article 7: what the company does not answer for is written down, and switches no duty off."""

from __future__ import annotations

from datetime import date

import pytest

from seiyaku.kernel import Actor, Conflict
from seiyaku.testing.promises import promise

from ..homes import Installed

OFFICER = Actor("sato", "officer")


@promise("CAST-7.1")
def test_what_somebody_reveals_themselves_starts_no_clock_unless_staff_decides_so(
    mine: Installed,
) -> None:
    """Given a customer who posts their own phone number; recorded as revealed by themselves, no
    clock runs and nothing is owed. A named person may decide otherwise, which is in the
    evidence, and from then on the clocks of a leak run.
    """
    ben = mine.world.person("ben").id
    posted = mine.home.incidents.open(
        "self_disclosed",
        OFFICER,
        due_to="person",
        datasets=("app.customers",),
        triggers=("wrongful_purpose",),
        people=(ben,),
    )
    assert mine.home.incidents.clock(posted) is None
    assert mine.home.incidents.owes(posted.id) == ()
    decided = mine.home.incidents.classify(posted.id, counts=True, actor=OFFICER)
    log = mine.home.parts.log_reader()
    entry = log.entry(log.checkpoint().size - 1)
    assert (entry.act, entry.outcome, entry.actor) == ("classify", "self_disclosed", "sato")
    assert mine.home.incidents.clock(decided) is not None
    assert set(mine.home.incidents.owes(posted.id)) == {"final", "people"}


@promise("CAST-7.2")
def test_somebody_recognisable_from_anothers_upload_is_recorded_and_a_takedown_is_a_duty(
    mine: Installed,
) -> None:
    """Given a customer who says that the caption of somebody else's upload gives them away; it is
    recorded with the link to that upload and not to whoever wrote it, no clock runs, and to take
    the upload down is somebody's duty until it was seen to.
    """
    aki, ben = (mine.world.person(short).id for short in ("aki", "ben"))
    (upload, *_) = [k for (k,) in mine.sql("SELECT id FROM uploads WHERE customer_id = ?", aki)]
    told = mine.home.incidents.open(
        "third_person_identified",
        OFFICER,
        due_to="other",
        triggers=("wrongful_purpose",),
        people=(ben,),
        content=f"app.uploads:{upload}",
    )
    (kept,) = mine.home.incidents.all()
    assert (kept.kind, kept.content) == ("third_person_identified", f"app.uploads:{upload}")
    assert [c.person for c in mine.home.incidents.concerned(told.id)] == [ben]
    assert mine.home.incidents.clock(told) is None
    (duty,) = [d for d in mine.home.days.duties() if d.code == "takedown"]
    assert duty.subject == f"app.uploads:{upload}"
    mine.home.days.check()
    assert duty in mine.home.days.duties()
    mine.home.days.complete(duty.id, b"the caption was taken out", OFFICER)
    assert duty.id not in {d.id for d in mine.home.days.duties()}


@promise("CAST-7.3")
def test_a_leak_that_a_processor_caused_runs_the_same_clocks(mine: Installed) -> None:
    """Given a leak at a processor, which the company disclaims; the clocks run as if it were our
    own, to the day, whose doing it was stands beside them, and nobody can decide that they do
    not. Without a trigger of the law no clock runs for either, for the policy promises none.
    """
    ben = mine.world.person("ben").id
    words = {"datasets": ("app.customers",), "people": (ben,), "triggers": ("financial_damage",)}
    leaks = [
        mine.home.incidents.open("leak", OFFICER, due_to=who, **words)  # type: ignore[arg-type]
        for who in ("processor", "us")
    ]
    assert [leak.due_to for leak in leaks] == ["processor", "us"]
    theirs, ours = (mine.home.incidents.clock(leak) for leak in leaks)
    assert theirs is not None
    assert theirs == ours
    assert theirs.preliminary_to_on == date(2026, 11, 24)
    with pytest.raises(Conflict) as disclaimed:
        mine.home.incidents.classify(leaks[0].id, counts=False, actor=OFFICER)
    assert disclaimed.value.code == "SY523"
    assert mine.home.incidents.owes(leaks[0].id) == ("final", "people")
    mine.clock.set("2026-11-24T00:00:00+09:00")
    late = [f.subject for f in mine.home.days.check().found if f.code == "report-overdue"]
    assert late == [f"{leak.id}:preliminary" for leak in leaks]
    quiet = mine.home.incidents.open("leak", OFFICER, people=(ben,))
    assert mine.home.incidents.clock(quiet) is None
