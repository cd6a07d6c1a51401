"""Which language the console speaks to a reader: Chinese, English or both; it translates nothing by itself."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from core.text import Bilingual

LANGUAGE_COOKIE = "shouwang_language"

LANGUAGE_COOKIE_MAX_AGE_S = 365 * 24 * 3600
"""A desk's computer is set once; a year later it asks for nothing, it only speaks the default again."""

OUR_ADDRESSES = re.compile(r"/(?![/\\])[!-~]{0,1000}")
"""Where a choice of language may lead back to: a path of this very site."""

JOINT = " / "
"""How Bilingual writes itself out (core/text.py)."""

_CHINESE = re.compile("[\u4e00-\u9fff]")


class Language(StrEnum):
    """What a page is written in."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"


LANGUAGE_NAMES = {Language.ZH: "中文", Language.EN: "English", Language.BOTH: "双语"}
"""Each by its own name, so that whoever reads nothing else finds it."""


def language_of(cookies: Mapping[str, str], default: Language) -> Language:
    """Return what a reader chose; the service's default where they chose nothing, or nothing that is known."""
    chosen = cookies.get(LANGUAGE_COOKIE, "")
    return Language(chosen) if chosen in set(Language) else default


class Speaker:
    """Words as plain text, for what can hold no markup: titles, options, names of regions."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def names(self) -> dict[str, Any]:
        """Return what the templates call these words by."""
        return {
            "language": self.language,
            "languages": LANGUAGE_NAMES,
            "plain": self.plain,
            "plain_of": self.plain_of,
            "short": self.short,
            "told": self.told,
        }

    def plain(self, zh: str, en: str, joint: str = " ") -> str:
        """Return the words of a page; both are joined by `joint`."""
        return {Language.ZH: zh, Language.EN: en}.get(self.language, f"{zh}{joint}{en}")

    def plain_of(self, words: Bilingual, joint: str = " · ") -> str:
        """Return a sentence; both languages are joined by `joint`."""
        return self.plain(words.zh, words.en, joint)

    def short(self, words: Bilingual) -> str:
        """Return a sentence where there is room for one language: Chinese unless English was chosen."""
        return words.en if self.language is Language.EN else words.zh

    def told(self, text: str) -> str:
        """Return the chosen half of a text that says the same twice, "中文 / English"; any other as it is.

        The first joint is the one; a text that quotes Chinese in its English as well stays whole. Read in one pass:
        a device's topic is quoted here, and it may be long.
        """
        zh, _, en = text.partition(JOINT)
        says_twice = en and _CHINESE.search(zh) and not _CHINESE.search(en)
        return self.plain(zh, en, JOINT) if says_twice else text
