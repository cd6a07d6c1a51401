"""A broker that says what a test tells it to, byte for byte: for what a real one says once in a year."""

import queue
import socket
import threading

from app.broker import Account, Accounts

NOBODY = Account("", "")


class ScriptedBroker:
    """Accepts connections one after another; answers each first byte it knows with the bytes of its script."""

    def __init__(self, script: dict[int, bytes]) -> None:
        """`script`: type of a packet (0x10 CONNECT, 0x80 SUBSCRIBE, 0xC0 PINGREQ) -> what is answered."""
        self._script = script
        self._server = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._server.getsockname()
        self.accounts = Accounts(NOBODY, NOBODY, NOBODY)
        self.heard: queue.Queue[tuple[int, bytes]] = queue.Queue()
        self._links: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def say(self, data: bytes) -> None:
        """Say something of its own accord."""
        self._links[-1].sendall(data)

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)
        for link in self._links:
            link.close()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._server.accept()
            except OSError:
                return
            self._links.append(link)
            threading.Thread(target=self._answer, args=(link,), daemon=True).start()

    def _answer(self, link: socket.socket) -> None:
        data = b""
        try:
            while more := link.recv(65_536):
                data += more
                while len(data) > 1 and len(data) >= 2 + data[1]:  # nothing longer comes to it than 127 bytes
                    packet, data = data[: 2 + data[1]], data[2 + data[1] :]
                    self.heard.put((packet[0] & 0xF0, packet[2:]))
                    link.sendall(self._script.get(packet[0] & 0xF0, b""))
        except OSError:
            return
