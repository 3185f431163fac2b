"""Whatever a payload holds, only declared fields come through, and each value was judged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st

from seiyaku.datamap.payload import Endpoint, steps
from seiyaku.doors.payload import KEEP, REMOVE, Payload, Put, Spot, Verdict, rewrite
from seiyaku.kernel.errors import NotPermitted

KEYS = st.sampled_from(["a", "b", "c", "a.b", "[]", ""])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
PATHS = st.lists(
    st.sampled_from(["a", "b", "a.b", "a.b.c", "a[]", "a[].b", "[].a", "c[][]", "b.a[].c"]),
    unique=True,
    max_size=5,
)


def places(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where every plain value stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from places(inner, (*path, "[]"))
    elif value is not None:
        yield path


def declared_only(spot: Spot, value: object) -> Verdict:
    return REMOVE if spot.rule is None else KEEP


def through(value: Any, paths: list[str], judge: Any) -> Any:
    endpoint = Endpoint.model_validate({"path": "/", "json": dict.fromkeys(paths)})
    kind = (("content-type", "application/json"),)
    return json.loads(rewrite(Payload("", kind, json.dumps(value).encode()), endpoint, judge).body)


@given(VALUES, PATHS)
def test_only_declared_paths_come_through(value: Any, paths: list[str]) -> None:
    allowed = {steps(path) for path in paths}
    allowed |= {(*path, "[]") for path in allowed}  # a technical field may be a list of values
    nested = {path + ("[]",) * n for path in allowed for n in range(1, 9)}
    assert set(places(through(value, paths, declared_only))) <= allowed | nested


@given(VALUES, PATHS)
def test_every_value_that_comes_through_was_shown_to_the_judge(
    value: Any, paths: list[str]
) -> None:
    def marking(spot: Spot, value: object) -> Verdict:
        return Put("seen") if spot.rule else REMOVE

    came = through(value, paths, marking)

    def leaves(found: Any) -> Iterator[Any]:
        if isinstance(found, dict | list):
            for inner in found.values() if isinstance(found, dict) else found:
                yield from leaves(inner)
        else:
            yield found

    assert {leaf for leaf in leaves(came) if leaf is not None} <= {"seen"}


@given(VALUES)
def test_what_is_kept_whole_is_sent_as_it_was_written(value: Any) -> None:
    endpoint = Endpoint.model_validate({"path": "/"})
    body = json.dumps(value, indent=1).encode()
    kind = (("content-type", "application/json"),)
    assert rewrite(Payload("", kind, body), endpoint, lambda s, v: KEEP).body == body


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=5)), max_size=6))
def test_forms_keep_the_declared_fields_in_order(pairs: list[tuple[str, str]]) -> None:
    endpoint = Endpoint.model_validate({"path": "/", "query": {"a": None, "c": None}})
    came = rewrite(Payload(urlencode(pairs)), endpoint, declared_only)
    found = parse_qsl(came.query, keep_blank_values=True)
    assert found == [(name, text) for name, text in pairs if name != "b"]


def refusal(headers: tuple[tuple[str, str], ...], body: bytes) -> str:
    """The code of the refusal; empty where the body was rewritten."""
    parts = {"json": {"a": None}, "form": {"a": None}, "multipart": {"a": None}}
    endpoint = Endpoint.model_validate({"path": "/", **parts})
    try:
        rewrite(Payload("", headers, body), endpoint, declared_only)
    except NotPermitted as refused:
        return refused.code
    return ""


@given(st.binary(max_size=60), st.sampled_from(["json", "x-www-form-urlencoded"]))
def test_any_bytes_are_rewritten_or_refused(body: bytes, kind: str) -> None:
    assert refusal((("content-type", f"application/{kind}"),), body) in ("", "SY254")


@given(st.binary(max_size=80))
def test_any_multipart_bytes_are_rewritten_or_refused(body: bytes) -> None:
    headers = (("content-type", "multipart/form-data; boundary=b"),)
    for whole in (body, b"--b\r\n" + body + b"\r\n--b--\r\n"):
        assert refusal(headers, whole) in ("", "SY254")
