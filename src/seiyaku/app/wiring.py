"""Open everything an installation consists of; the only place that knows all of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from seiyaku.app.self_map import OWN, OwnStore, with_own_store
from seiyaku.app.settings import Paths, Settings, read_settings
from seiyaku.datamap.graph import Resolution, resolve
from seiyaku.datamap.model import DataMap
from seiyaku.datamap.parse import parse_datamap
from seiyaku.datamap.reach import with_hands
from seiyaku.datamap.system import System
from seiyaku.evidence import Log, LogReader, SigningKey
from seiyaku.gate.decide import Gate
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.clock import Clock, SystemClock
from seiyaku.kernel.document import check_model, read_document
from seiyaku.kernel.errors import EvidenceBroken, InvalidInput
from seiyaku.kernel.ids import SystemId
from seiyaku.laws import Laws, load_packs
from seiyaku.plans.survey import is_read
from seiyaku.policy import History, ParsedPolicy, Policy, parse_policy
from seiyaku.store.duties import DutyStore
from seiyaku.store.incidents import IncidentStore
from seiyaku.store.people import AssuranceStore, StandingStore
from seiyaku.store.plans import PlanStore, RunStore
from seiyaku.store.releases import PartyStore, ReleaseStore
from seiyaku.store.requests import RequestStore, TaskStore
from seiyaku.store.stale import StaleStore
from seiyaku.store.store import Store
from seiyaku.store.turns import StoreTurns
from seiyaku.store.witness import AskedStore, NonceStore, PackageStore
from seiyaku.systems.open import SystemSettings, open_system

PUBLISH_AFTER_S = 0.25
"""Seconds until what is in the evidence is also under a published checkpoint."""


@dataclass(frozen=True)
class Repositories:
    """The parts of the control plane."""

    store: Store

    @cached_property
    def standing(self) -> StandingStore:
        return StandingStore(self.store)

    @cached_property
    def assurances(self) -> AssuranceStore:
        return AssuranceStore(self.store)

    @cached_property
    def requests(self) -> RequestStore:
        return RequestStore(self.store)

    @cached_property
    def tasks(self) -> TaskStore:
        return TaskStore(self.store)

    @cached_property
    def plans(self) -> PlanStore:
        return PlanStore(self.store)

    @cached_property
    def runs(self) -> RunStore:
        return RunStore(self.store)

    @cached_property
    def nonces(self) -> NonceStore:
        return NonceStore(self.store)

    @cached_property
    def asked(self) -> AskedStore:
        return AskedStore(self.store)

    @cached_property
    def packages(self) -> PackageStore:
        return PackageStore(self.store)

    @cached_property
    def releases(self) -> ReleaseStore:
        return ReleaseStore(self.store)

    @cached_property
    def incidents(self) -> IncidentStore:
        return IncidentStore(self.store)

    @cached_property
    def stale(self) -> StaleStore:
        return StaleStore(self.store)

    @cached_property
    def duties(self) -> DutyStore:
        return DutyStore(self.store)

    @cached_property
    def parties(self) -> PartyStore:
        return PartyStore(self.store)


class Parts:
    """An installation, opened piece by piece as it is needed.

    Args:
        home: folder with ``seiyaku.yaml``.
        clock: the present; the machine's by default.
    """

    def __init__(self, home: Path, clock: Clock | None = None) -> None:
        self.home = home
        self.settings: Settings = read_settings(home)
        self.paths = Paths(home, self.settings)
        self.clock: Clock = clock or SystemClock()
        self._guard = threading.RLock()  # threads may come first together
        self._log: Log | None = None
        self._systems: dict[SystemId, System] = {}

    @cached_property
    def policies(self) -> tuple[ParsedPolicy, ...]:
        """Published versions, oldest first."""
        return tuple(parse_policy(p) for p in self.paths.policies)

    @cached_property
    def history(self) -> History:
        """The versions, and which is in force when."""
        return History(tuple(p.policy for p in self.policies))

    @cached_property
    def laws(self) -> Laws:
        """Every law pack a version names, undated."""
        regimes = dict.fromkeys(r for p in self.policies for r in p.policy.regimes)
        return load_packs(tuple(regimes))

    @cached_property
    def gate(self) -> Gate:
        """The gate over all versions."""
        return Gate(self.history, self.laws)

    def policy(self) -> Policy:
        """The version in force now.

        Raises:
            InvalidInput: SY199 no version is in force yet.
        """
        policy = self.history.in_force(self.clock.now())
        if policy is None:
            raise InvalidInput(
                "no version of the policy is in force",
                code="SY199",
                hint="publish one: `version.published_at` in the policy file",
            )
        return policy

    def policy_sha256(self, version: str) -> str:
        """Digest of the file of a version."""
        return next(p.sha256 for p in self.policies if p.policy.version.id == version)

    @cached_property
    def datamap(self) -> DataMap:
        """The service's data map, our own store in it; vendors in nobody's reach by hand."""
        declared = check_model(read_document(self.paths.datamap), DataMap)
        return with_own_store(with_hands(declared, self.settings.systems))

    @cached_property
    def whole_datamap(self) -> DataMap:
        """The data map as plans need it: nothing in it points at what is not written down.

        Raises:
            InvalidDocument: every fault; a plan over a broken link would leave rows out.
        """
        parse_datamap(self.paths.datamap, self.policies[-1].policy)
        return self.datamap

    @cached_property
    def datamap_sha256(self) -> str:
        """Digest of the data map's file."""
        return sha256_hex(self.paths.datamap.read_bytes())

    @cached_property
    def _resolutions(self) -> dict[str, Resolution]:
        return {}

    def resolution(self, kind: str) -> Resolution:
        """How the rows of one kind of people are found."""
        if kind not in self._resolutions:
            self._resolutions[kind] = resolve(self.datamap, kind)
        return self._resolutions[kind]

    @cached_property
    def repositories(self) -> Repositories:
        """The control plane."""
        return Repositories(Store.at(self.paths.store))

    @property
    def on_server(self) -> bool:
        """Whether several processes may run plans: the control plane lies on a server."""
        return self.repositories.store.on_server

    def system(self, name: SystemId) -> System:
        """A system of the data map, opened at its first use.

        Raises:
            InvalidInput: SY113 nobody said where it lies, SY174 no driver reads its kind.
        """
        if name not in self._systems:
            with self._guard:
                if name not in self._systems:
                    self._systems[name] = self._open(name)
        return self._systems[name]

    def read_systems(self) -> tuple[SystemId, ...]:
        """Systems that a driver reads, in the order of the data map."""
        return tuple(SystemId(n) for n, e in self.datamap.systems.items() if is_read(e))

    def _open(self, name: SystemId) -> System:
        entry = self.datamap.systems[name]
        if name == OWN:
            _ = self.repositories  # the tables must exist
            return OwnStore(self.datamap, self.paths.store)
        settings = self.paths.system(name) if is_read(entry) else SystemSettings()
        return open_system(name, entry, replace(settings, clock=self.clock, turns=self._turns))

    @cached_property
    def _turns(self) -> StoreTurns | None:
        """Turns of calls to vendors, where workers on several machines share them."""
        return StoreTurns(self.repositories.store.engine) if self.on_server else None

    @property
    def log(self) -> Log:
        """The evidence, opened for writing at the first use: one process at a time, or several
        in turns where the store lies on a server.

        Raises:
            Conflict: SY510 another process has it open.
            EvidenceBroken: SY617 it is gone, though the store knows of acts it witnessed.
        """
        if self._log is None:
            with self.repositories.store.together():
                self.repositories.store.alone("evidence")  # two processes may come first
                self._require_evidence()
                with self._guard:
                    if self._log is None:
                        self._log = Log(
                            self.paths.evidence,
                            self._key(),
                            shared=self.on_server,
                            publish_after_s=PUBLISH_AFTER_S,
                        )
        return self._log

    def _require_evidence(self) -> None:
        head = self.paths.evidence / "public" / "checkpoint"
        if self.repositories.plans.any_approved() and not head.exists():
            raise EvidenceBroken(
                f"there is no log at `{self.paths.evidence}`, though plans were approved",
                code="SY617",
                hint="put the folder back from its copy; a new log would hide what was witnessed",
            )

    def log_reader(self) -> LogReader:
        """The evidence as anybody may read it."""
        return self._log or LogReader(self.paths.evidence, self._key().verifier)

    def _key(self) -> SigningKey:
        path = self.paths.key
        if not path.exists():
            if (self.paths.evidence / "public" / "keys.json").exists():
                raise InvalidInput(
                    f"the evidence is signed by a key that is not at `{path}`",
                    code="SY163",
                    hint="put the key back from its copy; another one cannot go on with the log",
                )
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            origin = self.settings.origin or f"seiyaku.invalid/{self.settings.service}"
            SigningKey.generate(origin).save(path)
        return SigningKey.load(path)

    def close(self) -> None:
        """Let go of everything that was opened."""
        for system in self._systems.values():
            system.close()
        self._systems.clear()
        if self._log is not None:
            self._log.close()
            self._log = None
        if "repositories" in self.__dict__:
            self.repositories.store.close()
            del self.__dict__["repositories"]
