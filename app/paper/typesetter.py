"""Sets one document by typst, as a program of its own: the job comes in on its input, the PDF goes out.

typst keeps what it has worked out for as long as its process lives, some 60 MB for a village's return, and its binding
has no way to let go of it: within the service a few nights of printed sheets would end in the kernel killing it.
"""

import json
import sys
from typing import TypedDict

import typst


class Job(TypedDict):
    """What is set: typst's source, its data as texts, where its fonts stand, and the moment that the PDF tells."""

    source: str
    inputs: dict[str, str]
    font_folders: list[str]
    printed_at_s: int


def main() -> None:
    """Set the job on standard input; what typst says of a template it cannot set goes to standard error."""
    job: Job = json.load(sys.stdin.buffer)
    try:
        content = typst.compile(
            job["source"].encode(),
            format="pdf",
            # without the machine's own: the same form looks the same everywhere, and keeps its hash
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=list(job["font_folders"])),
            sys_inputs=job["inputs"],
            pdf_standards="a-2b",  # made to be read in an archive
            timestamp=job["printed_at_s"],
        )
    except typst.TypstError as error:
        sys.exit(f"{error.message} {' '.join(error.hints)}")
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main()
