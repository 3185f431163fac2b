"""One installation, wired: the public Python API over everything else.

`open_home(path)` opens the folder in which ``seiyaku.yaml`` lies. Through `Home` a request is
received, identity shown, a plan made, approved by a named actor, and run durably; the answer
is a package, a receipt, or a word. The promise served: what a person may ask (APPI 32 to 39)
is carried out in the company's real systems, whole or not at all, and proven.

Life cycle of a request: received, identity shown, planned, approved, running, answered; open
while something is pending, by hand or unreachable; or refused, with the clause that says so.
"""

from seiyaku.app.days import Day, Days, Duty, Found
from seiyaku.app.doors import Doors
from seiyaku.app.home import Home, init_home, open_home
from seiyaku.app.letters import Told
from seiyaku.app.ordering import Ordered
from seiyaku.app.settings import Settings

__all__ = [
    "Day",
    "Days",
    "Doors",
    "Duty",
    "Found",
    "Home",
    "Ordered",
    "Settings",
    "Told",
    "init_home",
    "open_home",
]
