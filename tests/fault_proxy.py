"""A TCP proxy between the service and its database that a test makes slow, silent or dead."""

import asyncio
import math
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

LOOPBACK = "127.0.0.1"
CHUNK_BYTES = 65_536
CHANGE_S = 10.0

Mode = Literal["pass", "delay", "hang", "reset", "refuse"]


class FaultProxy:
    """Carries TCP from a port on loopback to the target, as well as its mode lets it.

    `pass`: everything at once; `delay`: each chunk is held for `delay_s`; `hang`: connections are
    accepted and nothing moves; `reset`: connections, old and new, get a TCP reset; `refuse`: none
    can be made and the open ones are reset. It runs in a thread of its own, so the service may
    run in any loop or process.
    """

    def __init__(self, target_host: str, target_port: int) -> None:
        self._target = (target_host, target_port)
        self._mode: Mode = "pass"
        self._delay_s = 0.0
        self._open: dict[asyncio.Task[None], socket.socket] = {}
        self._one_change = threading.Lock()

    def __enter__(self) -> Self:
        self._loop = asyncio.SelectorEventLoop()
        self._changed = asyncio.Event()
        self._reserved = reserve_port()
        self.port: int = self._reserved.getsockname()[1]
        self._listener: socket.socket | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.set("pass")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.set("refuse")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._reserved.close()

    def set(self, mode: Mode, delay_s: float = 0.0) -> None:
        """Change the mode; open connections have felt it when this returns.

        Back in `pass` (or `delay`) the port is the same and what `hang` held flows on.
        """
        self._run(self._change(mode, delay_s))

    def drop(self) -> None:
        """Reset the connections open now, also those whose client alone knows of them yet."""
        self._run(self._reset_connections())

    def _run(self, change: Coroutine[None, None, None]) -> None:
        with self._one_change:
            asyncio.run_coroutine_threadsafe(change, self._loop).result(CHANGE_S)

    async def _change(self, mode: Mode, delay_s: float) -> None:
        self._mode, self._delay_s = mode, delay_s
        if mode in {"reset", "refuse"}:
            await self._reset_connections()
        if mode == "refuse":
            self._stop_listening()
        else:
            self._listen()
        self._changed.set()
        self._changed = asyncio.Event()

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server((LOOPBACK, self.port), backlog=128)
            self._listener.settimeout(0)
            self._loop.add_reader(self._listener, self._accept)

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def _accept(self) -> None:
        with suppress(BlockingIOError):
            while self._listener is not None:
                self._begin(self._listener.accept()[0])

    def _begin(self, client: socket.socket) -> None:
        _prepare(client)
        if self._mode in {"reset", "refuse"}:
            client.close()
            return
        task = self._loop.create_task(self._serve(client))
        self._open[task] = client
        task.add_done_callback(self._open.pop)

    async def _reset_connections(self) -> None:
        # A client may have connected before the loop has heard of it.
        self._accept()
        connections = dict(self._open)
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        for client in connections.values():
            client.close()  # cancelled before it began, a task has closed nothing

    async def _serve(self, client: socket.socket) -> None:
        """Carry one connection until both sides have ended it; any other end is a reset."""
        with client, socket.socket() as server:
            _prepare(server)
            try:
                await self._hold()
                await self._loop.sock_connect(server, self._target)
                async with asyncio.TaskGroup() as pumps:
                    pumps.create_task(self._pump(client, server))
                    pumps.create_task(self._pump(server, client))
            except* OSError:
                pass  # a side has gone: closing resets the other
            else:
                _close_in_order(client)
                _close_in_order(server)

    async def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        while chunk := await self._loop.sock_recv(source, CHUNK_BYTES):
            await self._hold()
            await self._loop.sock_sendall(sink, chunk)
        await self._hold()
        sink.shutdown(socket.SHUT_WR)

    async def _hold(self) -> None:
        """Wait as long as the mode, also one set meanwhile, holds what has come now."""
        came_at = self._loop.time()
        while (rest_s := came_at + self._held_s() - self._loop.time()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(rest_s):
                    await self._changed.wait()

    def _held_s(self) -> float:
        return {"hang": math.inf, "delay": self._delay_s}.get(self._mode, 0.0)


def reserve_port() -> socket.socket:
    """A socket that keeps a free port on loopback for whoever listens there with SO_REUSEADDR.

    While nobody listens, connecting is refused, and the system gives the port to no other program
    and to no outgoing connection (a client that retries could even meet itself there).
    """
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind((LOOPBACK, 0))
    return reserved


def _prepare(side: socket.socket) -> None:
    side.settimeout(0)
    side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _close_in_order(side: socket.socket) -> None:
    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))
