"""Read the declaration of an API and put the options of the settings into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from seiyaku.kernel.document import check_model, parse_document, read_document
from seiyaku.kernel.errors import InvalidInput
from seiyaku.systems.http.model import PLACEHOLDER, Api, require_safe


def load_api(path: Path, options: Mapping[str, str], url: str | None = None) -> Api:
    """The declaration in `path`, with options filled in and `url` as its base.

    Raises:
        InvalidInput: SY102 it cannot be read; SY175 its address is not safe or not complete, or
            an option has the name of a column.
        InvalidDocument: it has faults.
    """
    return _checked(read_document(path), options, url)


def packaged_api(name: str, options: Mapping[str, str], url: str | None = None) -> Api:
    """The declaration of a vendor that comes with Seiyaku: ``auth0``, ``printful`` ...

    Raises:
        InvalidInput: SY175 an option it needs is not set, or has the name of a column.
    """
    source = (files("seiyaku.systems.http") / "apis" / f"{name}.yaml").read_bytes()
    return _checked(parse_document(source, f"{name}.yaml"), options, url)


def _checked(document: Any, options: Mapping[str, str], url: str | None) -> Api:
    declared = document.data if isinstance(document.data, dict) else {}
    known = {**(declared.get("options") or {}), **options}
    _require_apart(known, declared.get("datasets") or {})
    data = _filled(document.data, known)
    if url and declared:
        data = {**data, "base": url}
    api = check_model(replace(document, data=data), Api)
    _require_complete(api)
    for address in filter(None, (api.base, api.auth.token_url)):
        require_safe(address)
    return api


def _require_apart(options: Mapping[str, str], datasets: Any) -> None:
    """INVARIANT: no option stands in for a value of a row: every row would be the same one."""
    named = _words(datasets)
    for option in sorted(options):
        if option in named:
            raise InvalidInput(
                f"the option `{option}` has the name of a column",
                code="SY175",
                hint="give the option another name",
            )


def _words(datasets: Any) -> set[str]:
    """The columns of every dataset, as far as the file has its form."""
    found = datasets.values() if isinstance(datasets, dict) else ()
    columns = (d.get("columns") for d in found if isinstance(d, dict))
    return {str(name) for c in columns if isinstance(c, dict) for name in c}


def _require_complete(api: Api) -> None:
    """Every name outside the datasets is an option: there is no row it could come from."""
    said = (api.base, *api.auth.model_dump().values(), *api.headers.values())
    for text in (*said, *(proof.get for proof in api.proofs)):
        missing = PLACEHOLDER.findall(text)
        if missing:
            raise InvalidInput(
                f"the API needs the option `{missing[0]}`",
                code="SY175",
                hint="set it under `options:` of the system in seiyaku.yaml",
            )


def _filled(value: Any, options: Mapping[str, str]) -> Any:
    """`value` with ``{name}`` replaced wherever an option has that name."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda m: options.get(m[1], m[0]), value)
    if isinstance(value, dict):
        return {k: _filled(v, options) for k, v in value.items()}
    return [_filled(v, options) for v in value] if isinstance(value, list) else value
