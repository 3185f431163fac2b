"""Write the reference pages of the policy file: ``python -m seiyaku.policy.reference DOCS``.

policy-file.md and policy.schema.json come from the model, lint-rules.md from the rules; a test
keeps all three in step.
"""

from __future__ import annotations

import json
import sys
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from seiyaku.policy.lint import RULES, Rule
from seiyaku.policy.lint.published import TEXT_RULES, TextRule
from seiyaku.policy.model import ClauseRef, Country, Policy, Sha256, Word
from seiyaku.policy.schema import described, models_of, policy_schema

_HEAD: Final = """\
# The policy file

<!-- Written by `python -m seiyaku.policy.reference` from the model; a test keeps it in step. -->

A policy file is one version of one service's privacy policy, in YAML. It begins with
`seiyaku: 1`, the version of this format. Unknown keys are refused with a hint; every word used
in one part must be declared in another; every clause referred to must stand under `clauses`.
`seiyaku check` reports all faults at once with line and column.

```yaml
seiyaku: 1
service: teashop
prefix: TEA                                  # clauses are cited TEA-2.1
items:
  email: {clause: "1.1", name: {ja: メールアドレス, en: e-mail address},
          personal: pd:EmailAddress, sources: {person: {}}}
purposes:
  ship_goods: {clause: "2.1", name: {ja: 商品の発送, en: sending the goods}, items: [email]}
```

Rules that hold everywhere:

* **Nothing is permitted by silence.** An empty list stays empty: the gate is undecided there.
* **Words** are lower case with digits and underscores (`postal_address`).
* **Clauses** are numbers with dots and letters (`6.2c`). With a dot they may stand unquoted;
  `8` alone is a number to YAML and needs quotes.
* **Text** is always given in Japanese and English: `{ja: ..., en: ...}`.
* **Days** are written `2026-02-16`, moments with their zone: `2026-02-16T09:00:00+09:00`.
* Files over 2 MB are refused.

An editor completes and checks keys with `policy.schema.json` beside this page: put
`# yaml-language-server: $schema=policy.schema.json` on the first line.

A version is published with its bytes: the file is copied to `<version>.yaml`, listed in
`versions.json` with its SHA-256, and never changes again. It counts from its publication at the
earliest, whatever day it names.
"""

_RULES_HEAD: Final = """\
# Lint rules

<!-- Written by `python -m seiyaku.policy.reference` from the rules; a test keeps it in step. -->

`seiyaku check` reads a policy for what will not hold though the file is in order. Rules know no
service; ids are stable. A finding never stops a policy from being used: where it leaves a gap,
the gate is undecided. `--fail-from` chooses the severity from which the command fails.

Each rule has a failing and a passing policy in `tests/policies/lint-cases.yaml`.

| rule | severity | rests on | says |
| --- | --- | --- | --- |
"""

_TEXT_HEAD: Final = """
## Rules on the published text

They read the text that the policy file paraphrases, where it is given.

| rule | severity | rests on | says |
| --- | --- | --- | --- |
"""

_NAMES: Final[dict[Any, str]] = {
    Word: "word",
    ClauseRef: "clause",
    Sha256: "SHA-256",
    Country: "country",
    type(None): "nothing",
    str: "text",
    int: "number",
    bool: "yes or no",
}


def policy_page() -> str:
    """docs/reference/policy-file.md."""
    parts = [_HEAD, *(_section(model) for model in models_of(Policy))]
    return "\n".join(parts)


def rules_page() -> str:
    """docs/reference/lint-rules.md."""
    return _RULES_HEAD + _rows(RULES) + _TEXT_HEAD + _rows(TEXT_RULES)


def _rows(rules: Iterable[Rule | TextRule]) -> str:
    rows = (f"| `{r.id}` | {r.severity} | {r.law or '-'} | {r.says} |" for r in rules)
    return "\n".join(rows) + "\n"


def schema_file() -> str:
    """docs/reference/policy.schema.json."""
    return json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"


PAGES: Final = {
    "policy-file.md": policy_page,
    "lint-rules.md": rules_page,
    "policy.schema.json": schema_file,
}


def title_of(model: type[BaseModel]) -> str:
    """What a part is called: `Policy` is the file itself."""
    return "The whole file" if model is Policy else model.__name__.strip("_")


def _section(model: type[BaseModel]) -> str:
    says, keys = described(model)
    hints = typing.get_type_hints(model, include_extras=True)
    lines = [
        f"## {title_of(model)}\n",
        f"{says}\n",
        "| key | holds | meaning |",
        "| --- | --- | --- |",
    ]
    for name, field in model.model_fields.items():
        key = field.alias or name
        lines.append(f"| `{key}`{_needed(field)} | {_kind(hints[name])} | {_sentence(keys[key])} |")
    return "\n".join(lines) + "\n"


def _needed(field: FieldInfo) -> str:
    return " (needed)" if field.is_required() else ""


def _sentence(text: str) -> str:
    line = text.replace("|", "\\|").replace("``", "`").rstrip(".")
    return line[:1].upper() + line[1:] + "."


def _kind(annotation: Any) -> str:
    """What a key holds, in words."""
    if annotation in _NAMES:
        return _NAMES[annotation]
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " \\| ".join(f"`{value}`" for value in args)
    if origin is dict:
        return f"{_kind(args[0])} → {_kind(args[1])}"
    if origin is tuple:
        return _list(args)
    if origin is typing.Annotated:
        return _kind(args[0])
    if args:
        return " or ".join(_kind(arg) for arg in args if arg is not type(None))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{title_of(annotation)}](#{title_of(annotation).lower()})"
    return "day" if annotation.__name__ == "date" else "moment"


def _list(args: tuple[Any, ...]) -> str:
    if Ellipsis in args:
        return f"list of {_kind(args[0])}"
    return "two of " + _kind(args[0])


def main(docs: str) -> None:
    """Write the pages into the folder `docs`."""
    for name, page in PAGES.items():
        (Path(docs) / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
