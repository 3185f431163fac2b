"""The gate over HTTP: the OpenID Authorization API 1.0 (AuthZEN), for whoever speaks it.

A person is the subject, an item the resource, a purpose the action (`entities` has the whole
table). One evaluation, several with each semantic, three searches with paging, metadata. An
answer carries its reasons in Japanese and English with the clauses; what the gate cannot decide
is a *no* that says so. Nothing answers without a bearer token, and a token is known by its
digest. Cases (a legal demand, an exception) are not asked here: they are recorded with the one
who approves them, through `seiyaku.app`.

```python
door = AuthZen(presence, tokens, Site("https://pdp.example.com"))   # an ASGI application
```
"""

from __future__ import annotations

from seiyaku.doors.authzen.entities import Names
from seiyaku.doors.authzen.http import AuthZen
from seiyaku.doors.authzen.metadata import Site
from seiyaku.doors.authzen.names import read_names
from seiyaku.doors.authzen.present import Presence

__all__ = ["AuthZen", "Names", "Presence", "Site", "read_names"]
