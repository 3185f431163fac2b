"""The doors of one installation, wired; each asks the one gate that knows where people stand now.

```python
home = open_home(path)
home.doors.gate.require_use("42", "email", purpose="newsletter")
client = httpx.Client(transport=GuardedTransport(home.doors.egress(mode="enforce")))
app = home.doors.ingress(app, who, mode="enforce")
home.doors.audiences().of(Handling("use", "newsletter"), ("email",))
```

A door whose libraries are not installed says which extra it needs when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from seiyaku.app.people import HomePeople
from seiyaku.app.releasing import Releasing
from seiyaku.app.wiring import Parts
from seiyaku.assurance.model import Assurance
from seiyaku.doors.code import LiveGate
from seiyaku.kernel.ids import PersonId, SystemId
from seiyaku.standing.model import OptIn, OptOut, Scope

if TYPE_CHECKING:
    import sqlalchemy as sa

    from seiyaku.doors.audience import Audiences
    from seiyaku.doors.authzen import AuthZen
    from seiyaku.doors.cookies import Cookies
    from seiyaku.doors.egress import Cleared, Egress, Mode
    from seiyaku.doors.feeds import Feeds
    from seiyaku.doors.ingress import Ingress, Taken
    from seiyaku.doors.ingress.asgi import App, Who
    from seiyaku.doors.ingress.asgi import Scope as Asgi
    from seiyaku.doors.sign_ins import Shared
    from seiyaku.doors.sql import Refused
    from seiyaku.doors.transmissions import Transmissions


class Doors:
    """What stands where data is collected, used, sent and kept.

    Args:
        releases: the book in which a door writes what goes out.
    """

    def __init__(self, parts: Parts, releases: Releasing) -> None:
        self._parts, self._releases = parts, releases

    @cached_property
    def people(self) -> HomePeople:
        """Everyone known, and where they stand."""
        return HomePeople(self._parts)

    @cached_property
    def gate(self) -> LiveGate:
        """The gate as code asks it: about this person, now."""
        return LiveGate(self._parts.gate, self.people, self._parts.clock)

    def follow(self) -> None:
        """Something was recorded in this process: the next answer knows it."""
        if "gate" in self.__dict__:
            self.gate.follow()

    def egress(self, *, mode: Mode, report: Callable[[Cleared], None] | None = None) -> Egress:
        """The door for calls that go out, by the payload maps of the data map.

        Args:
            mode: ``log`` tells what it would do and lets everything pass; ``enforce`` does it.
            report: told of every call and what was taken out of it; its repr shows no values.
        """
        from seiyaku.app.ai_calls import recording_ai_calls
        from seiyaku.doors.egress import Egress

        return Egress(
            self._parts.datamap.calls,
            self._parts.history,
            self.gate,
            self._releases,
            mode=mode,
            clock=self._parts.clock,
            report=recording_ai_calls(self._parts, report),
        )

    def ingress(
        self,
        app: App,
        who: Who,
        *,
        mode: Mode,
        report: Callable[[str, list[Taken]], None] | None = None,
    ) -> Ingress:
        """`app` behind the door for what comes in, by the entrances of the data map.

        Args:
            who: tells from a request whose data it is.
        """
        from seiyaku.doors.ingress import Ingress

        return Ingress(
            app,
            self._parts.datamap.intake,
            self._parts.history,
            self.gate,
            who,
            mode=mode,
            clock=self._parts.clock,
            report=report,
        )

    def cookies(
        self, app: App, who: Callable[[Asgi], str | None], *, item: str, login: str | None = None
    ) -> Cookies:
        """`app` behind the door for cookies and outside tags, by the data map.

        Args:
            who: whose browser a request comes from; None for a stranger.
            item: the item a cookie's identifier is. login: path of the sign-in page.
        """
        from seiyaku.doors.cookies import Cookies

        datamap = self._parts.datamap
        return Cookies(
            app,
            self._parts.policy,
            datamap.cookies,
            datamap.calls,
            self.gate,
            who,
            self._refuse_cookies,
            item=item,
            login=login,
        )

    def _refuse_cookies(self, person: str, refuses: bool) -> None:
        """Record a choice at the banner: no to every purpose and recipient one may refuse."""
        from seiyaku.app.said import record_events

        policy, now = self._parts.policy(), self._parts.clock.now()
        purposes = tuple(w for w, p in policy.purposes.items() if p.opt_out)
        recipients = tuple(w for w, r in policy.recipients.items() if r.opt_out)
        said = OptOut if refuses else OptIn
        scopes = (Scope(purposes=purposes), Scope(recipients=recipients))
        record_events(self._parts, [said(PersonId(person), now, scope) for scope in scopes])
        self.follow()

    def database(
        self,
        system: str,
        purposes: Iterable[str],
        *,
        staff_only: bool = False,
        refused: Refused = "null",
    ) -> sa.Engine:
        """A SQLite database of the installation, read for these purposes and no other.

        Args:
            staff_only: every statement must be of staff with a live grant for its purpose.
            refused: columns refused for everybody are NULL, or naming one is an error.

        Raises:
            InvalidInput: SY152 the system is no such database.
        """
        from seiyaku.app.queries import Queries

        at = SystemId(system)
        queries = Queries(self._parts, at, purposes, staff_only=staff_only, refused=refused)
        return queries.engine()

    def grant(self, given: Assurance) -> None:
        """Grant somebody of the staff a purpose, until a date; see `seiyaku.doors.staff`.

        Raises:
            InvalidInput: SY151 it names no purpose of the policy, or no end.
            NotPermitted: SY293 a fact is missing that a grant needs; SY294 they left.
        """
        from seiyaku.app.queries import grant

        grant(self._parts, given)
        self.follow()

    def feeds(self) -> Feeds:
        """The door for what others send of people, row by row, as things stand now."""
        from seiyaku.doors.feeds import Feeds

        facts = self._parts.repositories.assurances.all()
        return Feeds(self._parts.policy(), facts, self.gate, self._parts.clock.now())

    def transmissions(self, recording: Path, own: Iterable[str]) -> Transmissions:
        """What pages sent to whom, by a browser's recording, against the declared recipients.

        Args:
            recording: a HAR file. own: our own hosts.

        Raises:
            InvalidInput: SY153 it cannot be read, or is no recording.
        """
        from seiyaku.doors.transmissions import audit, read

        return audit(read(recording), self._parts.datamap.calls, own)

    def sign_ins(self, record: Path) -> tuple[Shared, ...]:
        """Accounts that several of the staff used, by a record of sign-ins.

        Raises:
            InvalidInput: SY155 it cannot be read, or is no such record.
        """
        from seiyaku.doors.sign_ins import audit_sign_ins, read_sign_ins

        return audit_sign_ins(read_sign_ins(record))

    def require_same_text(self, entrance: str, text: bytes) -> None:
        """That a form still shows the text whose digest the data map has.

        Raises:
            InvalidInput: SY154 it does not, or the entrance tells none.
        """
        from seiyaku.app.collecting import require_same_text

        require_same_text(self._parts, entrance, text)

    def audiences(self) -> Audiences:
        """The door for everybody at once; it reads everyone's standing when it is made."""
        from seiyaku.doors.audience import Audiences

        return Audiences(self._parts.gate, self.people, self._parts.clock)

    def authzen(self, url: str, names: Path | None = None) -> AuthZen:
        """The door over HTTP, as an ASGI application; see `seiyaku.app.authzen`."""
        from seiyaku.app.authzen import open_authzen

        return open_authzen(self._parts, url, names)
