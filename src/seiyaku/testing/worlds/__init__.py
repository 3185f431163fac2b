"""The shape of each service's generated data: one module a service, named like its folder.

`seiyaku.testing.people` fills any service from its data map and schema alone. A module here
says what differs: how many rows of what hang together, who the named people are, and the
traps. It has any of

* ``NAMED``: names of the first people, in order (``("aki", "ben")``),
* ``VALUES``: item word → function giving a value, where the general one does not fit,
* ``fill(book)``: rows for everybody, instead of the default,
* ``fill_lessons(book, books)``: rows of a further database called ``lessons``, whose schema
  stands in ``schema_lessons.sql``; `books` are the databases before it,
* ``plant(db, world)``: the traps, into the finished database.
"""

__all__: list[str] = []
