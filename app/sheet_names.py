"""What a village's sheet is called on the disk: no two villages share a file."""

import hashlib


def sheet_name(village: str) -> str:
    """Return the file name of a village, a path: town/village. Where an id has a "_" of its own it takes a mark."""
    stem = village.replace("/", "_")
    if "_" in village:  # a_b/c and a/b_c would be one file, and one of them would have no sheet
        stem += f"-{hashlib.blake2s(village.encode(), digest_size=4).hexdigest()}"
    return f"{stem}.pdf"
