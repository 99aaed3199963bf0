"""Buffered socket: what paho reads and writes through, without the messages, and in few large pieces."""

import contextlib
import socket
import time
from collections.abc import Callable

from ingest.arrival import Arrival
from ingest.packets import PacketSplitter

_PIECE_BYTES = 128 * 1024  # about 700 messages of four metrics; larger pieces gained nothing in the benchmark
_CLOSE_S = 2.0


class BufferedSocket:
    """A non-blocking socket that keeps the messages for itself, and writes when told to.

    Args:
        connected: The socket to read from and write to; owned from now on.
        splitter: Tells messages from what paho must see.
    """

    def __init__(self, connected: socket.socket, splitter: PacketSplitter) -> None:
        # Acknowledgements leave in one write a group already; Nagle's algorithm would only hold them back, up to 40 ms.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self._splitter = splitter
        self._for_paho = b""
        self._failure: OSError | None = None
        self._closed = False
        self._unsent = bytearray()

    @property
    def concerns_paho(self) -> bool:
        """Whether paho has something to read: packets, or that the connection is gone."""
        return bool(self._for_paho) or self._closed or self._failure is not None

    @property
    def has_unsent(self) -> bool:
        """Whether bytes wait for `flush`."""
        return bool(self._unsent)

    def arrivals(self, now_us: Callable[[], int]) -> list[Arrival]:
        """The messages in the next piece that the kernel has, dated by `now_us`; none if it has nothing."""
        try:
            data = self._socket.recv(_PIECE_BYTES)
            self._closed = not data
            # Asked after reading: a time from before it could be older than what was sent meanwhile.
            arrivals, others = self._splitter.split(data, now_us())
        except BlockingIOError:
            return []
        except OSError as error:
            self._failure = error
            return []
        self._for_paho += others
        return arrivals

    def recv(self, size: int) -> bytes:
        """Up to `size` bytes for paho; empty when the other side has closed.

        Raises:
            BlockingIOError: There is nothing for paho at the moment.
            OSError: The connection is broken.
        """
        taken, self._for_paho = self._for_paho[:size], self._for_paho[size:]
        if taken or self._closed:
            return taken
        raise self._failure or BlockingIOError

    def send(self, data: bytes | bytearray) -> int:
        """Take all of `data` to send it at the next `flush`."""
        self._unsent += data
        return len(data)

    def flush(self) -> None:
        """Send what the kernel takes of what waits; the rest waits on."""
        # A broken connection is not reported here: reading reports it, and only one place should.
        with contextlib.suppress(OSError):
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 -- the name and shape that paho calls
        """As of a socket."""
        self._socket.setblocking(flag)

    def fileno(self) -> int:
        """As of a socket."""
        return self._socket.fileno()

    def close(self) -> None:
        """Send what waits, if the other side takes it soon, and close once it has read all of it."""
        with contextlib.suppress(OSError):
            self._socket.settimeout(_CLOSE_S)
            self._socket.sendall(self._unsent)
            self._socket.shutdown(socket.SHUT_WR)
            # Closed with something unread the connection is reset, and a broker that has not come to our last words
            # loses them: it never hears our goodbye, and says our will as well.
            deadline = time.monotonic() + _CLOSE_S
            while self._socket.recv(_PIECE_BYTES) and time.monotonic() < deadline:
                pass
        self._unsent.clear()
        self._socket.close()
