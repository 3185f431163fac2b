"""A small shop at Stripe, looked at without the driver."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from seiyaku.datamap import DataMap
from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import HandleColumn, Handles, Row
from seiyaku.kernel.ids import DatasetId

NAME = {"ja": "系", "en": "system"}
FIELDS: dict[str, dict[str, str | None]] = {
    "subscriptions": {"id": None, "customer": None, "status": "subscription", "created": None},
    "payment_methods": {"id": None, "customer": None, "billing_details.name": "name",
                        "card.last4": "payment", "card.exp_year": "payment"},
    "charges": {"id": None, "customer": None, "amount": "payment", "created": "payment",
                "receipt_email": "email"},
    "invoices": {"id": None, "customer": None, "customer_email": "email", "total": "payment"},
    "customers": {"id": None, "email": "email", "name": "name", "created": None},
}  # fmt: skip
APP = {
    "kind": "sqlite",
    "name": NAME,
    "datasets": {
        "users": {
            "person": "user",
            "key": "id",
            "fields": {"id": None, "stripe_customer_id": "payment", "payment_intent": "payment"},
        }
    },
}


def stripe_map(*names: str, **more: Any) -> DataMap:
    """A data map of the tables named, and `more` of them as they are."""
    links: dict[str, Any] = {n: [{"by": "customer", "to": "customers"}] for n in names}
    links["customers"] = [{"by": "id", "to": "app.users", "columns": "stripe_customer_id"}]
    datasets = {n: {"key": "id", "links": links[n], "fields": FIELDS[n]} for n in names}
    stripe = {"kind": "stripe", "name": NAME, "datasets": {**datasets, **more}}
    systems = {"app": APP, "stripe": stripe}
    return DataMap.model_validate({"seiyaku_datamap": 1, "service": "t", "systems": systems})


def stripe_entry(*names: str) -> SystemEntry:
    return stripe_map(*names).systems["stripe"]


def KNOWN(customer: str) -> Handles:
    column = HandleColumn(DatasetId("app.users"), ("stripe_customer_id",))
    return Handles({column: frozenset({(customer,)})})


@dataclass(frozen=True)
class Shop:
    """What a shop has at Stripe, made and read by plain HTTP."""

    url: str

    def flush(self) -> None:
        self.call("DELETE", "/_config/data")

    def customer(self, email: str, name: str) -> str:
        """A customer with a card, a running subscription and its first payment."""
        customer = self.call("POST", "/v1/customers", email=email, name=name)["id"]
        card = {"card[number]": "4242424242424242", "card[exp_month]": 12, "card[exp_year]": 2030,
                "card[cvc]": "123", "billing_details[name]": name}  # fmt: skip
        method = self.call("POST", "/v1/payment_methods", type="card", **card)["id"]
        self.call("POST", f"/v1/payment_methods/{method}/attach", customer=customer)
        default = {"invoice_settings[default_payment_method]": method}
        self.call("POST", f"/v1/customers/{customer}", **default)
        items = {"items[0][plan]": self.plan()}
        self.call("POST", "/v1/subscriptions", customer=customer, **items)
        return str(customer)

    def owing(self, email: str) -> str:
        """A customer whose first invoice could not be paid and stays open."""
        customer = self.call("POST", "/v1/customers", email=email)["id"]
        method = "/v1/payment_methods/pm_card_chargeCustomerFail/attach"
        card = self.call("POST", method, customer=customer)["id"]
        default = {"invoice_settings[default_payment_method]": card}
        self.call("POST", f"/v1/customers/{customer}", **default)
        items = {"items[0][plan]": self.plan()}
        self.call("POST", "/v1/subscriptions", customer=customer, **items)
        return str(customer)

    def plan(self) -> str:
        """A plan of 500 yen a month."""
        product = self.call("POST", "/v1/products", name="plan")["id"]
        plan = {"amount": 500, "currency": "jpy", "interval": "month", "product": product}
        return str(self.call("POST", "/v1/plans", **plan)["id"])

    def intents(self, customer: str) -> list[dict[str, object]]:
        """The payment intents of a customer's charges."""
        charges = self.call("GET", "/v1/charges", customer=customer)["data"]
        named = [c["payment_intent"] for c in charges if c.get("payment_intent")]
        return [self.call("GET", f"/v1/payment_intents/{name}") for name in named]

    def settle(self, customer: str) -> None:
        """Void what the customer owes."""
        for invoice in self.call("GET", "/v1/invoices", customer=customer)["data"]:
            self.call("POST", f"/v1/invoices/{invoice['id']}/void")

    def rows(self) -> dict[DatasetId, list[Row]]:
        """Customers, their cards and running subscriptions, as an export shows them."""
        customers = self.call("GET", "/v1/customers", limit=100)["data"]
        found: dict[str, list[Row]] = {"subscriptions": [], "payment_methods": [], "customers": []}
        for c in customers:
            found["customers"].append((c["id"], c["email"], c["name"], _at(c["created"])))
            subscriptions = self.call("GET", "/v1/subscriptions", customer=c["id"])["data"]
            found["subscriptions"] += [
                (s["id"], s["customer"], s["status"], _at(s["created"])) for s in subscriptions
            ]
            methods = self.call("GET", "/v1/payment_methods", customer=c["id"], type="card")
            found["payment_methods"] += [
                (m["id"], m["customer"], m["billing_details"].get("name"), m["card"]["last4"],
                 m["card"]["exp_year"]) for m in methods["data"]
            ]  # fmt: skip
        return {DatasetId(f"stripe.{n}"): rows for n, rows in found.items()}

    def call(self, method: str, path: str, **values: object) -> dict[str, Any]:
        """One call; its answer."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        try:
            data = urlencode(values)
            target = f"{path}?{data}" if method == "GET" and data else path
            headers = {"Authorization": "Bearer sk_test_x",
                       "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
            connection.request(method, target, data if method == "POST" else None, headers)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, (path, answer.status, body)
            return json.loads(body) if body else {}  # type: ignore[no-any-return]
        finally:
            connection.close()


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
