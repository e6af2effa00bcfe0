"""Serving: the socket, and how uvicorn runs on it."""

import errno
import socket

import uvicorn
from uvicorn.supervisors import Multiprocess

from opendata_api.settings import Settings
from opendata_api.web.protocol import Protocol
from opendata_api.words import Text

TAKEN = Text(
    "端口已被占用，请改设 OPENDATA_PORT", "the port is taken; set OPENDATA_PORT to another"
)
NOT_HERE = Text(
    "不能在此监听，请改设 OPENDATA_HOST 或 OPENDATA_PORT",
    "can't listen here; set OPENDATA_HOST or OPENDATA_PORT to another",
)


class CannotListen(Exception):
    """The address can't be listened on; the message says what to set."""


def bind(settings: Settings) -> socket.socket:
    """The listening socket, bound before anything is published. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        why = TAKEN if error.errno == errno.EADDRINUSE else NOT_HERE
        raise CannotListen(f"{settings.host}:{settings.port}: {why.zh} / {why.en}") from None
    return listener


def configure(workers: int) -> uvicorn.Config:
    """Uvicorn without its own log of requests and its trust in proxies."""
    return uvicorn.Config(
        "opendata_api.web.app:create_from_environment",
        factory=True,
        workers=workers,
        loop="uvloop",
        http=Protocol,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        log_config=None,
        timeout_graceful_shutdown=5,
    )


def run(config: uvicorn.Config, listener: socket.socket) -> None:
    """Serve until told to stop."""
    if config.workers > 1:
        Multiprocess(config, sockets=[listener]).run()
    else:
        uvicorn.Server(config).run(sockets=[listener])
