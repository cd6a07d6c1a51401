"""One TCP or TLS connection: bytes out from any thread, bytes in for one; it knows nothing of MQTT."""

import selectors
import socket
import ssl
import threading

CONNECT_S = 10.0
"""A broker farther away than this is tried again rather than waited for."""

READ_BYTES = 65_536
"""One read: some 600 messages of a sensor, and all by which the list of frames may exceed its mark."""

MAX_UNSENT_BYTES = 4_000_000
"""Sixty times what acknowledges every message that can be in flight: a broker that reads nothing at all is gone."""

_NOT_NOW = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Wire:
    """A connection that stands once it is made; its reader is the thread that calls `wait`."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        """Connect; raises OSError, of which a certificate that is not trusted is one."""
        link = socket.create_connection((host, port), CONNECT_S)
        try:
            # With Nagle's algorithm an acknowledgement waits 40 ms for the broker's delayed TCP ACK.
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = link if context is None else context.wrap_socket(link, server_hostname=host)
        except BaseException:
            link.close()
            raise
        self._socket.setblocking(False)
        self._lock = threading.Lock()
        self._unsent = bytearray()
        self._is_closed = False
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._watched = 0

    @property
    def is_drained(self) -> bool:
        """Return whether all has been handed to the network."""
        return not self._unsent

    def send(self, data: bytes) -> bool:
        """Have bytes sent; any thread may call it. False when closed, or when the other end reads nothing."""
        with self._lock:
            if self._is_closed or len(self._unsent) > MAX_UNSENT_BYTES:
                return False
            self._unsent += data
        self.wake()
        return True

    def wake(self) -> None:
        """Let `wait` return; any thread may call it."""
        try:
            self._ringer.send(b"\0")
        except OSError:  # it rings already, or the connection is closed
            return

    def wait(self, seconds: float, *, wants_more: bool) -> bytes:
        """Send what waits, then return what comes, b"" after `seconds` or a `wake`; raises OSError once it has ended.

        Without `wants_more` nothing is read: the other end's window fills, and it waits.
        """
        self._send()
        pending = wants_more and isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0
        self._watch((selectors.EVENT_READ if wants_more else 0) | (0 if self.is_drained else selectors.EVENT_WRITE))
        data = b""
        for key, events in self._selector.select(0 if pending else seconds):
            if key.fileobj is self._bell:
                self._bell.recv(READ_BYTES)
            elif events & selectors.EVENT_READ:
                pending = True
        if pending:
            data = self._read()
        self._send()
        return data

    def close(self) -> None:
        """Close; what is unsent is lost."""
        with self._lock:
            self._is_closed = True
        self._selector.close()
        for one in (self._socket, self._bell, self._ringer):
            one.close()

    def _watch(self, events: int) -> None:
        if events == self._watched:
            return
        if not self._watched:
            self._selector.register(self._socket, events)
        elif events:
            self._selector.modify(self._socket, events)
        else:
            self._selector.unregister(self._socket)
        self._watched = events

    def _send(self) -> None:
        with self._lock:
            try:
                while self._unsent:
                    del self._unsent[: self._socket.send(self._unsent)]
            except _NOT_NOW:
                return

    def _read(self) -> bytes:
        data = b""
        while len(data) < READ_BYTES:  # a record of TLS holds 16 kB
            try:
                more = self._socket.recv(READ_BYTES - len(data))
            except _NOT_NOW:
                return data
            if not more:
                if data:
                    return data  # the end comes again with the next read
                raise ConnectionResetError("the broker closed the connection")
            data += more
            if not isinstance(self._socket, ssl.SSLSocket):
                break
        return data
