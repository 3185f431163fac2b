"""The doors at which data is collected, used, sent and kept; the gate stands at each.

`code` asks in Python, `sql` rewrites queries, `postgres` guards inside the database, `egress`
and `ingress` watch what goes out and comes in, `authzen` answers over HTTP, `audience` answers
for everybody at once. No door decides anything: each asks the one gate, and what a door cannot
understand it refuses. A door that knows only yes and no treats undecided as refused, and says so.
"""
