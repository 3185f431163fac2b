"""What localstripe lacks of Stripe: redaction jobs (a public preview), disputes, and payment
intents listed by customer.

Only the calls below are answered, in the shapes Stripe's reference gives; any other path under
them is 501 and noted in `unknown`, which a test looks at. Everything else is localstripe's.

Source: docs.stripe.com/api/privacy/redaction-job, /disputes, /payment_intents/list.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from seiyaku.testing.bad_days import Answer, Call

_JOBS = "/v1/privacy/redaction_jobs"


@dataclass
class StripePreview:
    """Redaction jobs, disputes and lists of payment intents in front of localstripe.

    Args:
        disputed: status of the dispute of a charge, by charge.
        intents: payment intents as localstripe shows each, by customer.
        enabled: whether redaction jobs are switched on for the account.
        redacted: ids of objects that were redacted. unknown: calls nobody described.
    """

    disputed: dict[str, str] = field(default_factory=dict)
    intents: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    enabled: bool = True
    redacted: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    _jobs: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __call__(self, call: Call) -> Answer | None:
        """The answer to a call; None where it is localstripe's."""
        path, query = urlsplit(call.path).path, parse_qs(urlsplit(call.path).query)
        if path.startswith(_JOBS):
            return self._redaction(call, path.removeprefix(_JOBS).strip("/"))
        if path == "/v1/disputes":
            return _list(self._disputes(query.get("charge", [""])[0]))
        if path == "/v1/payment_intents" and call.method == "GET":
            known = self.intents.get(query.get("customer", [""])[0], [])
            return _list([i for i in known if i["id"] not in self.redacted], path)
        name = path.rsplit("/", 1)[-1]
        if call.method == "GET" and name in self.redacted:
            return _ok({"id": name, "object": "payment_intent", "created": 1, "customer": None,
                        "receipt_email": "[redacted]", "description": "[redacted]"})  # fmt: skip
        return None

    def _redaction(self, call: Call, rest: str) -> Answer:
        if not self.enabled:
            return 404, b'{"error": {"type": "invalid_request_error"}}'
        if "preview" not in call.headers.get("Stripe-Version", ""):
            return self._unknown(call)
        job, _, act = rest.partition("/")
        if call.method == "POST" and not rest:
            values = parse_qs(call.body.decode())
            objects = tuple(
                v for key, vs in values.items() if key.startswith("objects") for v in vs
            )
            job = f"prj_{len(self._jobs) + 1}"
            self._jobs[job] = objects
            return _ok(_job(job, "validating"))
        if call.method == "GET" and job in self._jobs and not act:
            return _ok(_job(job, "ready"))
        if call.method == "POST" and job in self._jobs and act == "run":
            self.redacted.update(self._jobs[job])
            return _ok(_job(job, "succeeded"))
        return self._unknown(call)

    def _disputes(self, charge: str) -> list[dict[str, object]]:
        status = self.disputed.get(charge)
        return [{"id": "du_1", "object": "dispute", "charge": charge, "status": status}] * bool(
            status
        )

    def _unknown(self, call: Call) -> Answer:
        self.unknown.append(f"{call.method} {call.path}")
        return 501, b'{"error": {"type": "not_described"}}'


def _job(job: str, status: str) -> dict[str, object]:
    return {"id": job, "object": "privacy.redaction_job", "created": 1, "status": status,
            "livemode": False, "validation_behavior": "error"}  # fmt: skip


def _list(data: list[dict[str, object]], url: str = "/v1/disputes") -> Answer:
    return _ok({"object": "list", "data": data, "has_more": False, "url": url})


def _ok(said: dict[str, object]) -> Answer:
    return 200, json.dumps(said).encode()
