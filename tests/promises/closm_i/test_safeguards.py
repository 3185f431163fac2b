"""Articles 6.3 and 8: safeguards and measures are promised, so they are looked after."""

from __future__ import annotations

from datetime import datetime, timedelta

from seiyaku.assurance import Assurance, Lapse, review
from seiyaku.testing.promises import promise

from .conftest import AT, Closm

SINCE = datetime.fromisoformat("2026-04-01T00:00:00+09:00")


def _of(closm: Closm, subject: str, at: datetime = AT) -> list[Lapse]:
    lapses = review(closm.home.parts.policy(), closm.home.assurances(), at)
    return [lapse for lapse in lapses if lapse.subject == subject]


@promise("CLOSM-6.3d")
def test_a_safeguard_of_the_table_without_evidence_is_reported(mine: Closm) -> None:
    """Given Cloudflare, whose two certificates the table shows; without a file for either, both
    are unproven, by 6.2d. With one on file, the other one is left.
    """
    open_ones = _of(mine, "cloudflare")
    assert {(lapse.code, lapse.about, lapse.cite) for lapse in open_ones} == {
        ("safeguard-unproven", "soc2_type2", "CLOSM-6.2d"),
        ("safeguard-unproven", "iso27001", "CLOSM-6.2d"),
    }
    mine.home.assure(Assurance("safeguard", "cloudflare", SINCE, "soc2.pdf", "soc2_type2"))
    assert [lapse.about for lapse in _of(mine, "cloudflare")] == ["iso27001"]


@promise("CLOSM-6.2a")
def test_a_certificate_of_auth0_past_its_day_is_reported(mine: Closm) -> None:
    """Given Auth0 in the USA for the account, with SOC 2 Type II and ISO 27001 on file; when the
    day of the second has passed, that one is reported as expired, since that day, and not before.
    """
    auth0 = mine.home.parts.policy().recipients["auth0"]
    assert (auth0.countries, auth0.purposes) == (("US",), ("identity_and_account",))
    assert set(auth0.safeguards) == {"soc2_type2", "iso27001"}
    until = AT - timedelta(days=1)
    mine.home.assure(
        Assurance("safeguard", "auth0", SINCE, "soc2.pdf", "soc2_type2"),
        Assurance("safeguard", "auth0", SINCE, "iso.pdf", "iso27001", until),
    )
    assert _of(mine, "auth0", until - timedelta(seconds=1)) == []
    assert _of(mine, "auth0") == [
        Lapse("safeguard-evidence-expired", "CLOSM-6.2a", "auth0", "iso27001", until)
    ]


@promise("CLOSM-8.1")
def test_a_control_without_evidence_for_thirteen_months_is_stale(mine: Closm) -> None:
    """Given the controls of Article 8, each with evidence; when the periodic review has shown
    nothing for 13 months, its state is stale, while the other three named controls are in order.
    """
    named = ("security_management", "encrypted_traffic", "need_to_know", "certified_services")
    mine.home.assure(
        *(Assurance("measure", word, SINCE, "report 3", by="sato") for word in named),
        Assurance("measure", "periodic_review", AT - timedelta(days=396), "minutes", by="sato"),
    )
    assert [lapse for word in named for lapse in _of(mine, word)] == []
    (stale,) = _of(mine, "periodic_review")
    assert (stale.code, stale.cite) == ("measure-stale", "CLOSM-8.1.4")
