"""Vendors behind an API, each declared in one YAML file: a company adds a vendor without Python.

The declaration says how rows of people are found, read, changed and deleted, how pages follow
each other, how often calls may be made and what answers mean. Nothing else is called. What an
API cannot do it leaves, and says so: `pending`, `by_hand`, `impossible` (APPI 33-35: what was
corrected or erased must be so, and what was not must not be claimed). Packaged declarations
(``apis/``): Auth0, Printful, Cloudflare Images, Google Analytics, OpenAI. Life cycle: a file
is loaded with the options of the settings, opened, called, closed.
"""

from seiyaku.systems.http.load import load_api, packaged_api
from seiyaku.systems.http.model import Api
from seiyaku.systems.http.system import HttpSystem
from seiyaku.systems.http.vendor import Proven

__all__ = ["Api", "HttpSystem", "Proven", "load_api", "packaged_api"]
