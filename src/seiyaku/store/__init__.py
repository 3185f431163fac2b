"""The control plane: what people said, what they ask, plans, runs, tasks, and what opens evidence.

The promise served: personal data we hold ourselves is treated like that of any other system
(APPI 22, 23): every table that names a person is in the data map, exported, erased or kept by
rule. No table of it goes into errors, logs or evidence.

Life cycle of a row: standing is append-only until the person is erased, then a keyed digest is
left; what a request carries (new value, address for the answer, old values that find rows,
nonces) is destroyed when its run is done or its answer handed over; requests, plans and runs
name nobody and stay as the record of what was done.
"""

from seiyaku.store.requests import RequestStep, Task
from seiyaku.store.store import Store
from seiyaku.store.witness import Asked

__all__ = ["Asked", "RequestStep", "Store", "Task"]
