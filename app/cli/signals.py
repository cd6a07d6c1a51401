"""Ends what a command runs at Ctrl-C or SIGTERM, cleanly."""

import asyncio
import signal
from collections.abc import Awaitable, Callable


async def until_signalled(run: Callable[[], Awaitable[None]]) -> None:
    """Run until it ends or SIGINT or SIGTERM comes; then it is cancelled and its clean-up awaited."""
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(run())
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        print("stopped", flush=True)
