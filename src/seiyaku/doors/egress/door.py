"""Clear a call: every check in order, before anything leaves.

1. It is made inside of a handling, and goes where it says (host header, TLS name), encrypted.
2. Its host and endpoint are declared; the handling names no other recipient.
3. Every field is judged; the payload is written anew from what may go.
4. The release is written down as intended. An incomplete record means no release.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Final, Literal, Protocol

from seiyaku.datamap.payload import Calls
from seiyaku.doors.egress.directory import Address, Directory, path_of
from seiyaku.doors.egress.judge import Asked, FieldJudge
from seiyaku.doors.egress.model import Call, Cleared
from seiyaku.doors.egress.releasing import Releases, giving_of, intend, settle
from seiyaku.doors.handling import Occasion, require_handling
from seiyaku.doors.masking import Masking
from seiyaku.doors.payload import rewrite
from seiyaku.doors.payload.pairs import rewrite_pairs
from seiyaku.gate.model import Case, Decision, Handling
from seiyaku.kernel.clock import Clock, SystemClock
from seiyaku.kernel.errors import NotPermitted
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.releases.model import ReleaseState

Mode = Literal["log", "enforce"]
_log = logging.getLogger(__name__)
_LOOPBACK: Final = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|\[?::1\]?")


class Decides(Protocol):
    """The gate as a door asks it (`doors.code.LiveGate`)."""

    def decide(
        self,
        handling: Handling,
        person: str,
        item: str,
        *,
        source: str | None = None,
        case: Case | None = None,
        data_at: datetime | None = None,
    ) -> Decision:
        """The decision about one item of one person."""
        ...


class Egress:
    """The door for calls that go out; one for the whole process, safe to share.

    Args:
        calls: the payload maps (`DataMap.calls`). history: the versions of the policy.
        gate: the gate that knows where everybody stands now (`LiveGate`).
        releases: where releases are written down (`Home.releases`).
        mode: ``log`` lets everything pass unchanged and tells what would become of it;
            ``enforce`` holds.
        report: called with every call that was cleared, for tests and counters.
    """

    def __init__(
        self,
        calls: Mapping[str, Calls],
        history: History,
        gate: Decides,
        releases: Releases,
        *,
        mode: Mode,
        clock: Clock | None = None,
        report: Callable[[Cleared], None] | None = None,
    ) -> None:
        self._directory = Directory(calls)
        self._history = history
        self._gate = gate
        self._releases = releases
        self._enforce = mode == "enforce"
        self._clock = clock or SystemClock()
        self._report = report

    def clear(self, call: Call) -> Cleared:
        """The call as it may go, its release intended.

        Raises:
            NotPermitted: SY250 no person named, SY251 outside of any handling, SY252 a host
                or SY253 an endpoint nobody declared, SY254 a payload that cannot be read,
                SY255 a field may not go and nothing may stand for it, SY256 the handling is
                for another recipient, SY257 the call goes elsewhere than it says, SY298 it
                could be read on the way, SY220 an incomplete record.
        """
        try:
            cleared = self._cleared(call)
        except NotPermitted as refusal:
            _log.warning("egress %s: %s %s", self._mode, refusal.code, refusal)
            if self._enforce:
                raise
            cleared = Cleared(call, refusal=refusal)
        self._tell(cleared)
        return cleared

    def settle(self, cleared: Cleared, state: ReleaseState) -> None:
        """Say what became of a cleared call."""
        settle(self._releases, cleared.releases, state, self._clock)

    @property
    def _mode(self) -> Mode:
        return "enforce" if self._enforce else "log"

    def _cleared(self, call: Call) -> Cleared:
        occasion = require_handling()
        goes_where_it_says(call)
        address = self._directory.find(call.method, call.origin, call.path)
        goes_unread(call)
        policy = self._history.in_force(self._clock.now())
        recipient = _recipient(address, occasion, policy)
        country = address.calls.country or occasion.country
        masking = Masking(occasion.known) if _gets_masked(policy, address.word) else None
        judge = FieldJudge(
            self._asking(occasion, recipient, country),
            address.endpoint.rest,
            masking,
            occasion.known,
            self._enforce,
        )
        cleaned = _judged(call, address, judge)
        releases = self._intend(occasion, recipient, country, judge.decided)
        return Cleared(
            cleaned if self._enforce else call,
            recipient,
            country,
            tuple(judge.decided),
            tuple(judge.findings),
            masking if masking and masking.used and self._enforce else None,
            releases,
        )

    def _asking(self, occasion: Occasion, recipient: str, country: str | None) -> Asked:
        """The gate about one item of this call, each asked once."""

        @cache
        def ask(item: str, source: str | None, masked: bool) -> Decision:
            handling = occasion.handling(
                "send", recipient=recipient, country=country, masked=masked
            )
            return self._gate.decide(
                handling,
                occasion.require_person(item),
                item,
                source=source,
                case=occasion.case,
                data_at=occasion.data_at,
            )

        return ask

    def _intend(
        self,
        occasion: Occasion,
        recipient: str,
        country: str | None,
        decided: Mapping[str, Decision],
    ) -> tuple[str, ...]:
        if not decided or occasion.person is None:
            return ()
        giving = giving_of(occasion.person, occasion, recipient, country, decided)
        return intend(self._releases, giving)

    def _tell(self, cleared: Cleared) -> None:
        if cleared.refusal is None:
            counts = ", ".join(f"{done} {n}" for done, n in sorted(cleared.counts().items()))
            _log.info("egress %s: `%s`: %s", self._mode, cleared.recipient, counts or "no fields")
        if self._report is not None:
            self._report(cleared)


def goes_where_it_says(call: Call) -> None:
    """Let no call claim another host than the one it is made to.

    Raises:
        NotPermitted: SY257 the host header or the TLS name differ from the URL.
    """
    scheme, host, port = call.origin
    usual = {"https": 443, "http": 80}.get(scheme)
    names = {f"{host}:{port}"} | ({host} if port == usual else set())
    said = call.payload.header("host").lower()
    if (said and said not in names) or call.sni not in (None, host):
        raise NotPermitted(
            "the call names another host than the one it goes to",
            code="SY257",
            hint="leave the `Host` header and the TLS server name to the client",
        )


def goes_unread(call: Call) -> None:
    """Let no call leave the machine that anybody on the way can read.

    Raises:
        NotPermitted: SY298 plain http to another machine.
    """
    scheme, host, _ = call.origin
    if scheme != "https" and not _LOOPBACK.fullmatch(host):
        raise NotPermitted(
            f"a call to `{host}` would go over an insecure transport (`{scheme}`)",
            code="SY298",
            hint="declare and call the host over https",
        )


def _recipient(address: Address, occasion: Occasion, policy: Policy | None) -> str:
    """The word asked at the gate: of a class, the member that answers there."""
    word = address.word
    declared = policy.recipients.get(word) if policy else None
    named = occasion.recipient
    if address.calls.member is not None:
        word = address.calls.member
    elif declared is not None and declared.register_name and named is not None:
        word = named
    if named not in (None, word, address.word):
        raise NotPermitted(
            f"the handling is for `{named}`, the call goes to `{word}`",
            code="SY256",
            hint="name the recipient of the host, or none",
        )
    return word


def _gets_masked(policy: Policy | None, word: str) -> bool:
    declared = policy.recipients.get(word) if policy else None
    return declared is not None and declared.masked is not None


def _judged(call: Call, address: Address, judge: FieldJudge) -> Call:
    endpoint = address.endpoint
    segments = dict(rewrite_pairs(address.segments, "segments", endpoint.segments, judge))
    payload = rewrite(call.payload, endpoint, judge)
    return replace(call, path=path_of(endpoint, segments), payload=payload)
