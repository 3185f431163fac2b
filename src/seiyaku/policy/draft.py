"""The smallest policy file that holds together: a page to start writing on."""

from __future__ import annotations

from seiyaku.kernel.canonical import sha256_hex

_TEXT = "We collect your e-mail address when you register, to run your account."


def draft_policy(service: str) -> str:
    """YAML of a draft policy with one item and one purpose; not published, so not in force."""
    digest = sha256_hex(_TEXT.encode())
    prefix = "".join(c for c in service.upper() if c.isalnum()) or "OWN"
    return f"""\
# Draft: one item, one purpose. Write your published policy here, clause by clause.
# docs/reference/policy-file.md explains every key; `seiyaku check` reports what is missing.
seiyaku: 1
service: {service}
prefix: {prefix if prefix[0].isalpha() else "S" + prefix}
service_name: {{ja: サービス名, en: name of the service}}
version: {{id: "draft", enacted_on: unknown}} # add published_at when it appears on your site
source: {{url: unknown, retrieved_on: unknown, sha256: {digest}, language: en}}
regimes: [jp-appi, jp-telecom-27-12, jp-records]

controller: {{name: {{ja: 事業者の名称, en: name of the controller}}}}

people:
  user: {{name: {{ja: 利用者, en: user}}}}

items:
  email:
    clause: "1.1"
    name: {{ja: メールアドレス, en: e-mail address}}
    personal: pd:EmailAddress

purposes:
  run_account:
    clause: "1.1"
    name: {{ja: アカウントの管理, en: running the account}}
    items: [email]

clauses:
  "1.1": # {_TEXT}
    says:
      ja: 登録のときにメールアドレスを取得し、アカウントの管理に使います。
      en: The e-mail address is collected at registration, to run the account.
    lines: [1, 1]
    sha256: {digest}
    force: may
"""
