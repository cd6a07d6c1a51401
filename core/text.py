"""A sentence in both languages of the console, Chinese first, and foreign text made fit for a terminal."""

import msgspec


class Bilingual(msgspec.Struct, frozen=True, gc=False):
    """One sentence, said in Chinese and in English; neither is a translation key."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Both, for logs and terminals."""
        return f"{self.zh} / {self.en}"


def printable(text: str) -> str:
    """Return a text that others made up, with what is no character to be seen written as its number.

    A device may put anything into its topic, also what clears a terminal or changes its title.
    """
    return "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in text)
