"""Articles 7, 10 and 2.4: what must be said or known before anything is done."""

from __future__ import annotations

from datetime import timedelta

from seiyaku.kernel import PersonId
from seiyaku.standing import Acknowledged, AgeBand
from seiyaku.testing.promises import promise

from .conftest import AT, VERSION, Closm, cites, codes


@promise("CLOSM-2.4")
def test_what_came_from_auth0_serves_the_account_and_the_same_column_typed_in_serves_more(
    closm: Closm, someone: PersonId
) -> None:
    """Given one column with two provenances (`users.email_source`); when Auth0's address, sign-in
    identifier and social profile serve the account: permitted by 2.4 under the version in force.
    When they would serve Article 4, the closed list refuses, by 2.4. The typed address serves
    Article 4. Where nobody says which it is and they differ, nothing is decided.
    """
    auth0 = {"source": "auth0", "purpose": "identity_and_account"}
    for item in ("email", "login_identifier", "social_profile"):
        decision = closm.ask(someone, "use", item, **auth0)
        assert (decision.outcome, decision.version) == ("permitted", VERSION)
        assert "CLOSM-2.4" in cites(decision)
    probe = closm.ask(someone, "use", "social_profile", source="auth0", purpose="analytics")
    assert (probe.outcome, cites(probe)) == ("refused", {"CLOSM-2.4"})
    typed = closm.ask(someone, "use", "email", source="person", purpose="support")
    assert (typed.outcome, "CLOSM-4.2" in cites(typed)) == ("permitted", True)
    given = closm.ask(someone, "use", "email", source="auth0", purpose="support")
    assert (given.outcome, codes(given)) == ("refused", {"outside_only"})
    unsaid = closm.ask(someone, "use", "email", purpose="support")
    assert (unsaid.outcome, codes(unsaid)) == ("undecided", {"source_unstated"})


@promise("CLOSM-7.1")
def test_nothing_is_minted_before_the_person_knows_that_the_chain_keeps_everything(
    closm: Closm, someone: PersonId
) -> None:
    """Given no acknowledgement; minting is refused by 7.1. After it, minting is permitted from
    that moment on and at no earlier one, so that whatever is minted is younger than the
    acknowledgement, which the installation keeps with its time.
    """
    early = closm.ask(someone, "use", "wallet_address", purpose="nft")
    assert (early.outcome, codes(early)) == ("refused", {"acknowledgement_missing"})
    assert "CLOSM-7.1" in cites(early)
    before = AT - timedelta(hours=1)
    closm.home.record(Acknowledged(someone, before, "chain_permanence", VERSION))
    assert closm.ask(someone, "use", "wallet_address", purpose="nft").permitted
    moment_before = before - timedelta(seconds=1)
    late = closm.ask(someone, "use", "wallet_address", purpose="nft", at=moment_before)
    assert codes(late) == {"acknowledgement_missing"}
    assert ("chain_permanence", before) in closm.home.standing(someone).acknowledged


@promise("CLOSM-10.1")
def test_nothing_is_collected_before_the_person_is_known_to_be_thirteen(
    closm: Closm, stranger: PersonId
) -> None:
    """Given somebody new; an e-mail address is refused before the statement of age, which is the
    one thing that may be asked. Stated to be under 13: refused, and said so. Stated to be 13:
    permitted. CLOSM holds no birth date, so the statement stands for it.
    """
    address = {"source": "person"}
    unknown = closm.ask(stranger, "collect", "email", **address)
    assert (unknown.outcome, codes(unknown)) == ("refused", {"age_not_attested"})
    assert closm.ask(stranger, "collect", "age_attestation", **address).permitted
    closm.home.record(AgeBand(stranger, AT - timedelta(hours=2), below=13))
    child = closm.ask(stranger, "collect", "email", at=AT - timedelta(hours=1), **address)
    assert child.outcome == "refused"
    assert "under_age" in codes(child)
    closm.home.record(AgeBand(stranger, AT - timedelta(minutes=1), at_least=13))
    assert closm.ask(stranger, "collect", "email", **address).permitted
