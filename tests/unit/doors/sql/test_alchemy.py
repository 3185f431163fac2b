"""SQLAlchemy statements pass the door, ORM and core alike, with their parameters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from differential.sqlworld import HANDLINGS, closm, fill
from seiyaku.doors.handling import handling
from seiyaku.doors.sql.alchemy import purpose, watch
from seiyaku.kernel.errors import InvalidInput, NotPermitted


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str | None]
    nickname: Mapped[str | None]
    posts: Mapped[list[Post]] = relationship()


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str | None] = mapped_column(sa.ForeignKey("users.id"))
    body: Mapped[str | None]


@pytest.fixture(params=["sqlite", "postgres", "mariadb"], scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """A database filled and watched."""
    if request.param == "sqlite":
        yield from _watched(sa.create_engine("sqlite://", poolclass=sa.StaticPool), "sqlite")
        return
    with request.getfixturevalue(request.param).database() as database:
        yield from _watched(database.engine(), request.param)


def _watched(engine: sa.Engine, dialect: str) -> Iterator[sa.Engine]:
    shop = closm()
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        fill(raw, dialect, shop.datasets, shop.rows)  # type: ignore[arg-type]
        shop.lay(raw, dialect)  # type: ignore[arg-type]
    watch(engine, shop.door(dialect))  # type: ignore[arg-type]
    yield engine
    engine.dispose()


def expected(number: int = 0) -> dict[str, str | None]:
    """What the definition shows of each person's address."""
    return {row["id"]: row["email"] for row in closm().filtered(HANDLINGS[number])["users"]}


def test_outside_of_any_purpose_nothing_is_sent(engine: sa.Engine) -> None:
    with engine.connect() as connection, pytest.raises(NotPermitted):
        connection.execute(sa.text("SELECT id FROM users"))
    with Session(engine) as session, pytest.raises(NotPermitted):
        session.scalars(sa.select(User)).all()


def test_core_and_text_see_what_the_purpose_may_see(engine: sa.Engine) -> None:
    with purpose("service"), engine.connect() as connection:
        core = connection.execute(sa.select(User.id, User.email).where(User.id != "x"))
        assert {row.id: row.email for row in core} == expected()
        text = connection.execute(sa.text("SELECT id, email FROM users WHERE id <> :x"), {"x": "x"})
        assert {row.id: row.email for row in text} == expected()


def test_the_orm_sees_what_the_purpose_may_see(engine: sa.Engine) -> None:
    shown = expected()
    with purpose("service"), Session(engine) as session:
        users = session.scalars(sa.select(User).order_by(User.id)).all()
        assert {u.id: u.email for u in users} == shown
        key = next(iter(shown))
        assert session.get_one(User, key, populate_existing=True).email == shown[key]
        hidden = {str(p) for p in closm().world.kinds} - shown.keys()
        assert hidden
        assert session.get(User, hidden.pop()) is None
        loaded = session.scalars(sa.select(User).options(sa.orm.selectinload(User.posts))).all()
        posts = {
            row["id"] for row in closm().filtered(HANDLINGS[0])["posts"] if row["user_id"] in shown
        }
        assert {p.id for u in loaded for p in u.posts} == posts


def test_parameters_keep_their_places(engine: sa.Engine) -> None:
    shown = sorted(expected())
    with purpose("service"), Session(engine) as session:
        query = sa.select(User.id).where(User.id.in_(shown)).order_by(User.id).limit(3).offset(2)
        assert session.scalars(query).all() == shown[2:5]
        literal = sa.select(User.id, sa.literal("100%")).where(User.id == shown[0])
        assert session.execute(literal).one() == (shown[0], "100%")
        like = sa.select(User.id).where(User.id.contains("%", autoescape=True))
        assert session.scalars(like).all() == []


def test_what_the_orm_writes_is_written(engine: sa.Engine) -> None:
    shown = sorted(expected())
    with purpose("service"), Session(engine) as session:
        session.add_all([Post(id=900 + n, user_id=shown[0], body=f"new {n}") for n in range(3)])
        session.flush()
        post = session.get_one(Post, 901)
        post.body = "changed"
        with session.begin_nested():
            session.flush()
        session.expire_all()
        assert session.get_one(Post, 901).body == "changed"
        session.delete(session.get_one(Post, 902))
        session.flush()
        assert session.get(Post, 902) is None
        session.rollback()


def test_a_send_is_asked_with_its_recipient(engine: sa.Engine) -> None:
    sending = HANDLINGS[5]
    said = {"country": sending.country, "contexts": sending.contexts}
    with engine.connect() as connection, purpose("ship_goods", recipient="printful", **said):
        rows = connection.execute(sa.text("SELECT id, status FROM orders")).all()
    assert {(row.id, row.status) for row in rows} == {
        (r["id"], r["status"]) for r in closm().filtered(sending)["orders"]
    }


def test_a_purpose_without_permits_is_refused(engine: sa.Engine) -> None:
    with (
        engine.connect() as connection,
        handling(purpose="newsletter"),
        pytest.raises(InvalidInput),
    ):
        connection.execute(sa.text("SELECT id FROM users"))
