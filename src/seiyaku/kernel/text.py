"""Text in Japanese and English: everything a person reads exists in both."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["ja", "en"]


class Text(BaseModel):
    """The same words in Japanese and English.

    Examples:
        >>> Text(ja="住所", en="postal address").get("en")
        'postal address'
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    ja: str
    en: str

    def get(self, language: Language) -> str:
        """The text in `language`."""
        return self.ja if language == "ja" else self.en
