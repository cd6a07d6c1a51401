"""The pools of threads of a running service: who waits for whom, and that a pressed key waits for no page or print."""

from concurrent.futures import ThreadPoolExecutor

from app.print_queue import PrintQueue

CONSOLE_THREADS = 8
"""Console requests that may wait for the database at once; SQLite has one writer anyway."""

CALLBACK_THREADS = 4
"""Phones' callbacks: milliseconds each, but the provider hangs up after 15 s and a contact's key is lost with it."""

PRINT_THREADS = 2
"""Documents set at once: as many as a small machine has cores, and one that hangs leaves the other its turn."""

LOOK_THREADS = 3
"""Of the service's looks at itself two may take long, and the auditor still has its turn."""


class Threads:
    """Made at the start, shut down at the end. The desk decides alone, and rings while it decides."""

    def __init__(self) -> None:
        self.desk = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self.outbox = ThreadPoolExecutor(1, thread_name_prefix="outbox")  # rings while the desk decides
        self.looks = ThreadPoolExecutor(LOOK_THREADS, thread_name_prefix="looks")
        self.callbacks = ThreadPoolExecutor(CALLBACK_THREADS, thread_name_prefix="callbacks")
        self.console = ThreadPoolExecutor(CONSOLE_THREADS, thread_name_prefix="console")
        self.printing = ThreadPoolExecutor(PRINT_THREADS, thread_name_prefix="printing")
        self.prints = PrintQueue(self.printing)

    def shutdown(self) -> None:
        """Wait for what is under way; whatever waits for its turn is let go of with those who asked for it."""
        for one in (self.desk, self.outbox, self.looks, self.callbacks, self.console):
            one.shutdown()
        self.printing.shutdown(cancel_futures=True)  # documents in a row would hold up the end for minutes
