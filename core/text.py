"""A sentence in both languages of the console; Chinese first."""

import msgspec


class Bilingual(msgspec.Struct, frozen=True, gc=False):
    """One sentence, said in Chinese and in English; neither is a translation key."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Both, for logs and terminals."""
        return f"{self.zh} / {self.en}"
