"""Queries over the database of `sqlworld`: written by hand, and drawn."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

COMMON = (
    "SELECT * FROM users",
    "SELECT id, email FROM users WHERE email IS NOT NULL ORDER BY email DESC LIMIT 100",
    "SELECT u.* FROM users AS u",
    "SELECT U.ID, Email FROM users U",
    "SELECT count(*), count(email), count(DISTINCT email), min(nickname), max(email) FROM users",
    "SELECT * FROM orders JOIN users ON users.id = orders.user_id",
    "SELECT o.id, i.sku FROM orders o LEFT JOIN order_items i ON i.order_id = o.id",
    "SELECT o.id, i.sku FROM order_items i LEFT JOIN orders o ON i.order_id = o.id",
    "SELECT a.id, b.id FROM users a CROSS JOIN plans b",
    "SELECT a.id, b.body FROM users a, posts b WHERE a.id = b.user_id",
    "SELECT p.id, x.id FROM posts p JOIN media_objects x USING (user_id)",
    "SELECT status, count(*) AS n, sum(total_yen) FROM orders GROUP BY status HAVING count(*) > 1",
    "SELECT id FROM users WHERE id IN (SELECT user_id FROM orders WHERE total_yen > 1)",
    "SELECT id FROM users u WHERE EXISTS (SELECT 1 FROM posts p WHERE p.user_id = u.id)",
    "SELECT id FROM users u WHERE NOT EXISTS (SELECT 1 FROM posts WHERE posts.user_id = u.id)",
    "SELECT id, (SELECT count(*) FROM usage_events e WHERE e.user_id = users.id) FROM users",
    "SELECT id, (SELECT max(body) FROM posts WHERE user_id = users.id) AS last FROM users",
    "SELECT email FROM users UNION SELECT email FROM inquiries",
    "SELECT email FROM users UNION ALL SELECT email FROM shipping_addresses ORDER BY 1 LIMIT 500",
    "SELECT user_id FROM posts INTERSECT SELECT user_id FROM orders",
    "SELECT user_id FROM posts EXCEPT SELECT user_id FROM orders",
    "SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY id) FROM posts",
    "SELECT id, sum(total_yen) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) "
    "FROM orders",
    "WITH u AS (SELECT * FROM users) SELECT u.id, o.status FROM u JOIN orders o ON u.id = user_id",
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) "
    "SELECT n.i, count(orders.id) FROM n LEFT JOIN orders ON orders.total_yen = n.i GROUP BY n.i",
    "WITH a AS (SELECT id FROM users), b AS (SELECT user_id FROM posts WHERE user_id IN "
    "(SELECT id FROM a)) SELECT count(*) FROM b",
    "SELECT x.n FROM (SELECT count(*) AS n FROM (SELECT * FROM sessions) AS s) AS x",
    "SELECT CASE WHEN email IS NULL THEN 'none' ELSE upper(email) END FROM users",
    "SELECT coalesce(nickname, username, 'x'), length(coalesce(email, '')) FROM users",
    "SELECT * FROM sessions WHERE created_at > '2020-01-01 00:00:00'",
    "SELECT path, count(*) FROM access_logs GROUP BY path ORDER BY 2 DESC, 1 LIMIT 1000",
    "SELECT detail, e.path FROM event_details d JOIN usage_events e ON e.id = d.event_id",
    "SELECT * FROM nft_transfers",
    "SELECT * FROM payments",
    "SELECT * FROM follows f JOIN users a ON a.id = f.follower_id JOIN users b "
    "ON b.id = f.followee_id",
    "SELECT p.name, count(s.id) FROM plans p LEFT JOIN subscriptions s ON s.plan_id = p.id "
    "GROUP BY p.name",
    "SELECT count(*) FROM users WHERE email = 'mail1@example.com' /* how many */ -- of them",
    "SELECT 1 WHERE EXISTS (SELECT * FROM users WHERE email LIKE 'mail%')",
    "SELECT id FROM users WHERE email BETWEEN 'a' AND 'n' AND NOT (nickname = 'x' OR id <> 'y')",
    "SELECT a.id FROM users a JOIN users b ON a.email = b.email AND a.id < b.id",
    "SELECT DISTINCT event FROM usage_events WHERE client_id IS NOT NULL OR user_id IS NULL",
    "SELECT 1 + 1",
)
"""Queries in the words all four databases share."""

OF_DIALECT = {
    "sqlite": (
        "WITH users AS (SELECT id AS x FROM posts) SELECT * FROM users",
        'SELECT "id", [email], `nickname` FROM "users"',
        "SELECT main.users.email FROM main.users",
        "SELECT strftime('%Y', at), group_concat(path, ';') FROM usage_events GROUP BY 1",
        "SELECT value FROM json_each('[1, 2]') UNION ALL SELECT count(*) FROM users",
        "SELECT id FROM users WHERE email GLOB 'mail*' AND username IS NOT nickname",
    ),
    "duckdb": (
        "WITH users AS (SELECT * FROM users WHERE email IS NOT NULL) SELECT * FROM users",
        "FROM users",
        "SELECT * EXCLUDE (email) FROM users",
        "SELECT COLUMNS.email FROM (SELECT * FROM users) AS columns",
        "SELECT id FROM users QUALIFY row_number() OVER (PARTITION BY email ORDER BY id) = 1",
        "SELECT u.id, o.n FROM users u, LATERAL (SELECT count(*) AS n FROM orders "
        "WHERE user_id = u.id) AS o",
        "SELECT list(id ORDER BY id), string_agg(email, ',' ORDER BY id) FROM users GROUP BY email",
        "SELECT range FROM range(3)",
        "VALUES (1, 2), (3, 4)",
        "SELECT count(*) FILTER (WHERE total_yen > 1) FROM orders GROUP BY ALL",
        "SELECT date_trunc('month', created_at), count(*) FROM posts GROUP BY 1",
    ),
    "postgres": (
        "WITH users AS (SELECT * FROM users WHERE email IS NOT NULL) SELECT * FROM users",
        'SELECT "id", USERS.Email FROM public.users',
        "TABLE users",
        "(SELECT id FROM users) UNION (SELECT user_id FROM posts)",
        "SELECT u.id, o.n FROM users u CROSS JOIN LATERAL (SELECT count(*) AS n FROM orders "
        "WHERE user_id = u.id) AS o",
        "SELECT DISTINCT ON (email) email, id FROM users ORDER BY email, id",
        "SELECT count(*) FILTER (WHERE total_yen > 1), string_agg(id::text, ',' ORDER BY id) "
        "FROM orders",
        "SELECT array_agg(id ORDER BY id) FROM users GROUP BY GROUPING SETS ((email), ())",
        "SELECT n, count(u.id) FROM generate_series(1, 3) AS g(n) LEFT JOIN users u "
        "ON u.id = n::text GROUP BY n",
        "SELECT extract(year FROM at), date_trunc('day', at) FROM usage_events",
        "SELECT email ILIKE 'MAIL%', email ~ '^m', email || 'x' FROM users",
        "SELECT json_build_object('mail', email) ->> 'mail' FROM users",
        "SELECT id FROM users WHERE id = ANY (ARRAY['member', 'left'])",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total_yen) FROM orders",
        "WITH RECURSIVE t(i) AS MATERIALIZED (VALUES (1) UNION ALL SELECT i + 1 FROM t "
        "WHERE i < 3) SELECT * FROM t, users",
    ),
    "mariadb": (
        "WITH users AS (SELECT * FROM users WHERE email IS NOT NULL) SELECT * FROM users",
        "SELECT `id`, `email` FROM `users`",
        'SELECT id FROM users WHERE id = "member"',
        "SELECT group_concat(id ORDER BY id SEPARATOR ';') FROM users GROUP BY email",
        "SELECT if(email IS NULL, 1, 2), ifnull(nickname, 'x'), email <=> nickname FROM users",
        "SELECT date_format(at, '%Y'), count(*) FROM usage_events GROUP BY 1",
        "SELECT id FROM users ORDER BY id LIMIT 2, 3",
        "SELECT straight.id FROM users AS straight",
    ),
}
_HANGS = (
    ("posts", "user_id"),
    ("orders", "user_id"),
    ("usage_events", "user_id"),
    ("sessions", "user_id"),
    ("subscriptions", "user_id"),
    ("wallets", "user_id"),
    ("favorites", "user_id"),
    ("inquiries", "user_id"),
)
_COLUMNS = {
    "users": ("id", "email", "nickname", "username", "created_at"),
    "posts": ("id", "body", "created_at"),
    "orders": ("id", "status", "total_yen", "ordered_at"),
    "usage_events": ("id", "client_id", "path", "event"),
    "sessions": ("id", "ip", "user_agent", "created_at"),
    "subscriptions": ("id", "status", "stripe_customer_id"),
    "wallets": ("id", "address"),
    "favorites": ("id", "post_id", "created_at"),
    "inquiries": ("id", "email", "body"),
}


def drawn(seed: int, count: int) -> Iterator[str]:
    """Queries put together from joins, sub-queries, WITH, UNION, groups and windows."""
    dice = Random(seed)
    for _ in range(count):
        yield dice.choice((_plain, _grouped, _union, _named, _nested, _window))(dice)


def _from(dice: Random) -> tuple[str, list[str]]:
    """A FROM of one to three tables, and columns to choose from."""
    chosen = dice.sample(_HANGS, dice.randrange(3))
    columns = [f"u.{c}" for c in _COLUMNS["users"]]
    text = "users AS u"
    for n, (table, by) in enumerate(chosen):
        join = dice.choice(("JOIN", "LEFT JOIN", "JOIN"))
        inner = dice.choice((table, f"(SELECT * FROM {table} WHERE id > {dice.randrange(9)})"))
        text += f" {join} {inner} AS t{n} ON t{n}.{by} = u.id"
        columns += [f"t{n}.{c}" for c in _COLUMNS[table]]
    return text, columns


def _where(dice: Random, columns: list[str]) -> str:
    column, least = dice.choice(columns), dice.randrange(20)
    return dice.choice((
        "",
        f" WHERE {column} IS NOT NULL",
        f" WHERE {column} IS NULL OR u.id > 'f'",
        f" WHERE u.id IN (SELECT user_id FROM {dice.choice(_HANGS)[0]})",
        f" WHERE EXISTS (SELECT 1 FROM posts AS p WHERE p.user_id = u.id AND p.id > {least})",
    ))  # fmt: skip


def _plain(dice: Random) -> str:
    text, columns = _from(dice)
    some = ", ".join(dice.sample(columns, dice.randrange(1, 4)))
    distinct = dice.choice(("", "DISTINCT "))
    return f"SELECT {distinct}{some} FROM {text}{_where(dice, columns)}"


def _grouped(dice: Random) -> str:
    text, columns = _from(dice)
    key, other = dice.choice(columns), dice.choice(columns)
    having = dice.choice(("", " HAVING count(*) > 1"))
    told = f"count(*), count({other}), min({other}), max({key})"
    return f"SELECT {key}, {told} FROM {text}{_where(dice, columns)} GROUP BY {key}{having}"


def _union(dice: Random) -> str:
    word = dice.choice(("UNION", "UNION ALL", "EXCEPT", "INTERSECT"))
    halves = [f"SELECT u.id, u.email FROM {text}" for text, _ in (_from(dice), _from(dice))]
    return f" {word} ".join(halves)


def _named(dice: Random) -> str:
    text, columns = _from(dice)
    column = dice.choice(columns)
    return (
        f"WITH a AS (SELECT u.id AS k, {column} AS v FROM {text}), b AS (SELECT k FROM a "
        f"WHERE v IS NOT NULL) SELECT count(*), count(DISTINCT k), (SELECT max(v) FROM a) FROM b"
    )


def _nested(dice: Random) -> str:
    text, columns = _from(dice)
    column = dice.choice(columns)
    inner = f"SELECT {column} AS c, count(*) AS n FROM {text} GROUP BY {column}"
    return f"SELECT s.c, s.n FROM ({inner}) AS s"


def _window(dice: Random) -> str:
    text, columns = _from(dice)
    part = dice.choice(columns)
    return f"SELECT u.id, count({part}) OVER (PARTITION BY {part}) FROM {text}"
