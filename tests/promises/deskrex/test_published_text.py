"""Article 0: who speaks, and of what: also of data that is nobody's in particular."""

from __future__ import annotations

from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.kernel import Actor, PersonId
from seiyaku.services import path as packaged
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import APPROVER, Installed, cites, codes


@promise("DESK-0.1")
def test_a_log_line_of_nobody_is_in_no_package_and_can_be_stopped_all_the_same(
    mine: Installed,
) -> None:
    """Given the policy of Deskrex, Inc., which both notices name, and log lines of visitors who
    had not signed in, each with a referrer; such a line is user information and no personal data
    held: no package has it, though the user's own lines are there. What 3.2 gives reaches the
    visitor: asked to stop, by the mark their device carries, no referrer is collected of them.
    """
    for language, name in (("ja", "Deskrex株式会社"), ("en", "Deskrex, Inc.")):
        policy = str(packaged("deskrex") / "policy.yaml")
        shown = CliRunner().invoke(cli, ["notice", policy, "--lang", language])
        assert name in shown.stdout
    query = "SELECT id FROM access_logs WHERE user_id IS NULL AND referrer IS NOT NULL"
    anonymous = {key for (key,) in mine.sql(query)}
    assert anonymous
    aki = mine.world.person("aki")
    asked = mine.proven("disclosure", aki.id)
    mine.home.deciding.settle_fee(asked.id, Actor("ito", "handler"), waived="test of the form")
    plan = mine.home.plan(asked.id)
    mine.home.approve(plan.id, APPROVER)
    mine.home.run(plan.id)
    rows = mine.package(asked)
    listed = {row["id"] for row in rows["app.access_logs"]}
    own = mine.sql("SELECT id FROM access_logs WHERE user_id = ?", aki.number)
    assert listed == {key for (key,) in own} != set()
    assert not anonymous & listed
    visitor = PersonId("visitor-7f3a")
    assert mine.home.why(visitor).held == ()
    collected = {"act": "collect", "item": "referrer", "source": "device"}
    assert mine.ask(visitor, **collected).permitted
    mine.proven("suspension", visitor, "device", scope=Scope(("referrer",)))
    stopped = mine.ask(visitor, **collected)
    assert (stopped.outcome, codes(stopped), cites(stopped)) == (
        "refused",
        {"suspended"},
        {"DESK-3.2a"},
    )
