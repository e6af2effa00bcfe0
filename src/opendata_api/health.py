"""Whether the service on this machine is ready, as a container asks every half minute.

`python -m opendata_api.health` asks as the command does, and loads no more than it needs for it.
"""

import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from opendata_api.settings import Settings

HEALTH_S = 5.0


class NotReady(Exception):
    """There is no service, or it has nothing to serve; the message says which."""


def check_ready(settings: Settings) -> None:
    """Ask the service by the settings. Raises NotReady."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    connection = HTTPConnection(host, settings.port, timeout=HEALTH_S)
    try:
        connection.request("GET", "/-/ready")
        status = connection.getresponse().status
    except (OSError, HTTPException):
        raise NotReady("没有应答 / no answer") from None
    finally:
        connection.close()
    if status != HTTPStatus.OK:
        raise NotReady(f"尚未就绪 / not ready: {status}")


def main() -> None:
    """Exit 0 if the service is ready, else 1."""
    try:
        check_ready(Settings())
    except NotReady as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
