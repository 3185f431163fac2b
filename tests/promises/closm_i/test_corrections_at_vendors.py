"""Article 11.1b: a correction reaches the copies at Auth0 and Stripe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from saas_world import FAST
from seiyaku.kernel import PersonId
from seiyaku.plans import values_digest
from seiyaku.standing import Scope
from seiyaku.testing.bad_days import Between, between
from seiyaku.testing.fakes.auth0 import Auth0Fake
from seiyaku.testing.fakes.stripe_preview import StripePreview
from seiyaku.testing.people import World
from seiyaku.testing.programs import card_only
from seiyaku.testing.promises import promise
from stripe_shop import Shop

from .conftest import Closm

AKI = PersonId("1")
WRONG, RIGHT = "typing.error@mail.example", "aki.right@mail.example"


@dataclass(frozen=True)
class Copies:
    """Aki's address in three systems, wrong in all of them."""

    closm: Closm
    auth0: Auth0Fake
    shop: Shop
    customer: str
    sub: str

    def addresses(self) -> set[str]:
        """What each of them holds."""
        ((here,),) = self.closm.sql("SELECT email FROM users WHERE id = 1")
        there = self.shop.call("GET", f"/v1/customers/{self.customer}")["email"]
        return {here, self.auth0.users[self.sub]["email"], there}


@pytest.fixture
def stripe(localstripe_url: str) -> Iterator[Between]:
    """Stripe as far as it is needed, nobody in it."""
    with between(localstripe_url) as vendor:
        vendor.answers = StripePreview()
        vendor.reword = lambda call: card_only(call.method, call.path)
        Shop(localstripe_url).flush()
        yield vendor


@pytest.fixture
def copies(
    opened: Callable[..., Closm], world: World, stripe: Between, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Copies]:
    monkeypatch.setenv("CLOSM_AUTH0", "client-secret")
    monkeypatch.setenv("CLOSM_STRIPE", "sk_test_x")
    shop, auth0 = Shop(stripe.upstream), Auth0Fake()
    customer = shop.customer(WRONG, world.person("aki").name)
    with auth0.running() as url:

        def reached(home: Path) -> None:
            settings = yaml.safe_load((home / "seiyaku.yaml").read_text("utf-8"))
            settings["systems"] |= {
                "auth0": {
                    "secret": "env:CLOSM_AUTH0",
                    "options": {"domain": url, "application": "c", **FAST},
                },
                "stripe": {
                    "url": stripe.url,
                    "secret": "env:CLOSM_STRIPE",
                    "options": {"calls_a_second": "10000"},
                },
            }
            (home / "seiyaku.yaml").write_text(yaml.safe_dump(settings), "utf-8")

        closm = opened(reached)
        closm.sql("UPDATE users SET email = ? WHERE id = 1", WRONG)
        closm.sql("UPDATE inquiries SET email = ? WHERE user_id = 1", WRONG)
        closm.sql("UPDATE subscriptions SET stripe_customer_id = ? WHERE user_id = 1", customer)
        ((sub,),) = closm.sql("SELECT auth0_sub FROM users WHERE id = 1")
        auth0.users[sub] = {"user_id": sub, "email": WRONG, "identities": []}
        yield Copies(closm, auth0, shop, customer, sub)


@promise("CLOSM-11.1b")
def test_a_wrong_address_is_put_right_in_three_systems_and_witnessed(copies: Copies) -> None:
    """Given an address that is wrong in the users' table, at Auth0 and at Stripe; when it is
    corrected, all three show the new one, and the evidence holds a keyed digest of both values.
    """
    assert copies.addresses() == {WRONG}
    closm = copies.closm
    request = closm.carry_out("correction", AKI, scope=Scope(items=("email",)), value=RIGHT)
    assert copies.addresses() == {RIGHT}
    [entry] = [e for e in closm.entries(request) if "old" in e.get("digests", {})]
    nonce = closm.home.parts.repositories.nonces.of_request(request.id)[entry["act_id"]]
    assert entry["digests"]["new"] == values_digest([RIGHT], nonce)
    assert entry["digests"]["old"] == values_digest([WRONG], nonce)
    assert request.plan is not None
    run = closm.home.parts.repositories.runs.of(request.plan)[-1]
    by_hand = {(o.dataset or o.system, o.note) for o in run.outcomes if o.outcome == "by_hand"}
    assert by_hand == {
        ("stripe.invoices", "cannot_be_written"),  # sent with the address it was sent to
        ("printful", "task"),  # nobody has its key yet
    }
