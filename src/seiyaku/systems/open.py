"""Open the driver for a system of the data map, by its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import System
from seiyaku.kernel.clock import Clock, SystemClock
from seiyaku.kernel.document import read_document
from seiyaku.kernel.errors import InvalidInput
from seiyaku.systems._shared.pace import Turns
from seiyaku.systems._shared.served import Limits
from seiyaku.systems.access_log import access_log_system
from seiyaku.systems.by_hand import ByHandSystem
from seiyaku.systems.chain import ChainSystem
from seiyaku.systems.folder import FolderSystem
from seiyaku.systems.forms_export import forms_export_system
from seiyaku.systems.jsonl import jsonl_system
from seiyaku.systems.sqlite import SqliteSystem

if TYPE_CHECKING:
    from seiyaku.systems.http import Api


@dataclass(frozen=True)
class SystemSettings:
    """Where a system lies and how long to wait for it; not in the data map, which is public.

    Args:
        path: database file or folder; None for systems that are not read.
        url: address of a database, bucket or API, without anything that gives power.
        secret: password or key; never shown, logged or put into an error.
        options: what one kind of system needs besides (``bucket``, ``region``, ``account``).
        timeout_s: seconds to wait for a lock or an answer.
        memory: folder of this installation in which runs are written down for a system that
            keeps no record of them (a vendor).
        clock: the present of this installation, from which vendors' days are counted.
        turns: of calls to vendors, where several machines share them; else in `memory`.
    """

    path: Path | None = None
    url: str | None = None
    secret: str | None = field(default=None, repr=False)
    options: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 5.0
    memory: Path | None = None
    clock: Clock = field(default_factory=SystemClock)
    turns: Turns | None = None


Opener = Callable[[str, SystemEntry, SystemSettings], System]


def open_system(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    """The driver for `entry`; nothing is read or created yet.

    Raises:
        InvalidInput: SY173 the kind needs a path and none was given; SY174 the kind is not
            opened here (Seiyaku's own store is built where it is wired).
    """
    opener = _OPENERS.get(entry.kind)
    if opener is None:
        raise InvalidInput(
            f"`{system}`: systems of kind `{entry.kind}` are not opened from settings",
            code="SY174",
        )
    return opener(system, entry, settings)


def _path(system: str, settings: SystemSettings) -> Path:
    if settings.path is None:
        raise InvalidInput(
            f"`{system}`: no path is set", code="SY173", hint="set the path of the system"
        )
    return settings.path


def _url(system: str, settings: SystemSettings) -> str:
    if settings.url is None:
        raise InvalidInput(
            f"`{system}`: no url is set", code="SY173", hint="set the url of the system"
        )
    return settings.url


def _postgres(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    from seiyaku.systems.postgres import PostgresSystem

    schema = settings.options.get("schema")
    url, limits = _url(system, settings), _limits(system, settings)
    return PostgresSystem(system, entry, url, secret=settings.secret, schema=schema, limits=limits)


def _limits(system: str, settings: SystemSettings) -> Limits:
    statement_s = float(settings.options.get("statement_s", Limits().statement_s))
    return Limits(settings.timeout_s, statement_s, _rows_at_once(system, settings))


def _rows_at_once(system: str, settings: SystemSettings) -> int | None:
    written = settings.options.get("rows_at_once")
    if written is None or (written.isdecimal() and int(written)):
        return int(written) if written else None
    raise InvalidInput(
        f"`{system}`: `rows_at_once` is no number of rows",
        code="SY173",
        hint="write a whole number above zero, such as 20000",
    )


def _objects(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    from seiyaku.systems.objects import ObjectsSystem
    from seiyaku.systems.objects.connect import connect

    bucket = connect(
        system,
        settings.options,
        url=settings.url,
        secret=settings.secret,
        timeout_s=settings.timeout_s,
    )
    return ObjectsSystem(system, entry, bucket)


def _lake(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    from seiyaku.systems.lake import LakeSystem

    threads, memory = settings.options.get("threads", "1"), settings.options.get("memory", "1GB")
    path = _path(system, settings)
    return LakeSystem(system, entry, path, threads=int(threads), memory=memory)


def remembering(system: str, settings: SystemSettings) -> Path:
    """The folder in which runs in a vendor's system are written down.

    Raises:
        InvalidInput: SY173 there is none.
    """
    if settings.memory is None:
        raise InvalidInput(
            f"`{system}`: no folder is set in which its runs are written down",
            code="SY173",
            hint="set `memory` of the system",
        )
    return settings.memory


def _http(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    """A vendor whose API is declared in a file of the company."""
    from seiyaku.systems.http import load_api

    api = load_api(_path(system, settings), settings.options, settings.url)
    return _declared(system, entry, api, settings)


def _packaged(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    """A vendor whose declaration comes with Seiyaku."""
    from seiyaku.systems.http import packaged_api

    api = packaged_api(entry.kind, settings.options, settings.url)
    return _declared(system, entry, api, settings)


def _declared(system: str, entry: SystemEntry, api: Api, settings: SystemSettings) -> System:
    from seiyaku.systems.http import HttpSystem

    return HttpSystem(
        system,
        entry,
        api,
        settings.secret,
        remembering(system, settings),
        timeout_s=settings.timeout_s,
        clock=settings.clock,
        turns=settings.turns,
    )


def _mariadb(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    from seiyaku.systems.mariadb import MariadbSystem

    url, limits = _url(system, settings), _limits(system, settings)
    return MariadbSystem(system, entry, url, secret=settings.secret, limits=limits)


def _mysql(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    from seiyaku.systems.mysql import MysqlSystem

    url, limits = _url(system, settings), _limits(system, settings)
    return MysqlSystem(system, entry, url, secret=settings.secret, limits=limits)


def _stripe(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    from seiyaku.systems.stripe import CALLS_A_SECOND, stripe_system

    return stripe_system(
        system,
        entry,
        key=_secret(system, settings),
        memory=remembering(system, settings),
        url=settings.url,
        timeout_s=settings.timeout_s,
        clock=settings.clock,
        calls_a_second=int(settings.options.get("calls_a_second", CALLS_A_SECOND)),
        turns=settings.turns,
    )


def _chain(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    if not entry.datasets:
        return ChainSystem(system)
    from seiyaku.systems._shared.web import Web
    from seiyaku.systems.chain import Ledger

    web = Web(system, _url(system, settings), timeout_s=settings.timeout_s)
    ledger = Ledger(system, web, int(settings.options.get("from_block", "0")))
    return ChainSystem(system, entry, ledger)


def _mail(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    from seiyaku.systems.mail import MailSystem

    return MailSystem(system, entry, _path(system, settings), timeout_s=settings.timeout_s)


def _ad_partner(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    from seiyaku.systems.ad_partner import Signer, ad_partner_system

    signer = Signer(
        _option(system, settings, "domain"),
        _option(system, settings, "kid"),
        _secret(system, settings),
    )
    return ad_partner_system(
        system,
        entry,
        url=_url(system, settings),
        signer=signer,
        memory=remembering(system, settings),
        answer_days=int(settings.options.get("answer_days", "45")),
        timeout_s=settings.timeout_s,
        clock=settings.clock,
    )


def _notice(system: str, entry: SystemEntry, settings: SystemSettings) -> System:
    """A holder that is told by mail; letters name the order, which the answer quotes."""
    from seiyaku.systems.mail import Book, PostOffice, Server
    from seiyaku.systems.notice import Holders, NoticeSystem
    from seiyaku.systems.notice.letter import by_mail

    memory = remembering(system, settings)
    memory.mkdir(parents=True, exist_ok=True)
    sender = _option(system, settings, "from")
    server = Server(_url(system, settings), sender, settings.secret, settings.timeout_s)
    post = PostOffice(system, server, Book(system, memory / "mail.sqlite"), clock=settings.clock)
    column = settings.options.get("holder")
    to = _addresses(system, settings) if column else _option(system, settings, "to")
    send = by_mail(post.send, to, settings.options.get("language"))
    holders = Holders(column, frozenset(to)) if column else None
    days = int(settings.options.get("answer_days", "14"))
    return NoticeSystem(
        system, entry, send, memory, answer_days=days, holders=holders, clock=settings.clock
    )


def _addresses(system: str, settings: SystemSettings) -> Mapping[str, str]:
    """Who the holders of a class are, and where each is written to: ``"3": privacy@shop.example``.

    Raises:
        InvalidInput: SY102 the file cannot be read; SY173 it is no list of addresses.
    """
    read = read_document(_path(system, settings)).data
    if not isinstance(read, dict) or not all(isinstance(a, str) for a in read.values()):
        raise InvalidInput(
            f"`{system}`: the file of its holders is no list of addresses",
            code="SY173",
            hint='one line for each, as in `"3": privacy@shop.example`',
        )
    return {str(holder): address for holder, address in read.items()}


def _option(system: str, settings: SystemSettings, name: str) -> str:
    if name not in settings.options:
        raise InvalidInput(
            f"`{system}`: no option `{name}` is set",
            code="SY173",
            hint=f"set `{name}` under `options` of the system",
        )
    return settings.options[name]


def _secret(system: str, settings: SystemSettings) -> str:
    if settings.secret is None:
        raise InvalidInput(
            f"`{system}`: no secret is set", code="SY173", hint="set `secret` of the system"
        )
    return settings.secret


_OPENERS: Mapping[str, Opener] = {
    "access_log": lambda i, e, s: access_log_system(i, e, _path(i, s)),
    "auth0": _packaged,
    "by_hand": lambda i, _e, _s: ByHandSystem(i),
    "chain": _chain,
    "cloudflare_images": _packaged,
    "folder": lambda i, e, s: FolderSystem(i, e, _path(i, s)),
    "google_analytics": _packaged,
    "http": _http,
    "forms_export": lambda i, e, s: forms_export_system(i, e, _path(i, s)),
    "jsonl": lambda i, e, s: jsonl_system(i, e, _path(i, s)),
    "mariadb": _mariadb,
    "mysql": _mysql,
    "lake": _lake,
    "objects": _objects,
    "postgres": _postgres,
    "openai": _packaged,
    "printful": _packaged,
    "ad_partner": _ad_partner,
    "mail": _mail,
    "notice": _notice,
    "stripe": _stripe,
    "sqlite": lambda i, e, s: SqliteSystem(i, e, _path(i, s), timeout_s=s.timeout_s),
}
