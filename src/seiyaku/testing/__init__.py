"""The test kit, public: what anyone needs to hold a policy, a system or a store to its word.

`generate` fills a service with invented people, Japanese and English, from its schema and
data map: database, pictures, access logs. The same seed gives the same bytes, every person
carries values nobody else has, and on demand the traps a scan has to find are planted.
`FixedClock` stands still until it is moved. `seiyaku.testing.promises` (needs pytest) marks
tests that carry out a clause and records which were kept.

Nothing here is used by the product itself, the demonstration excepted.
"""

from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World, generate
from seiyaku.testing.person import Person

__all__ = ["FixedClock", "Person", "World", "generate"]
