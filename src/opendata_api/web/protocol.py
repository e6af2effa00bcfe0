"""How bytes become requests: as uvicorn reads them, with addresses as people type them."""

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_RAW = re.compile(rb"[\x80-\xff]")


class Protocol(HttpToolsProtocol):
    """Uvicorn's protocol, which also takes `?q=法律援助` as it is typed.

    Programs such as curl send the bytes of an address as they are. The parser refuses them in
    plain text; here they are percent-encoded first, as RFC 3987 (section 3.1) maps them. Only
    bytes that no address can hold are changed, so no two servers read it differently.
    """

    _is_in_line = True
    """Whether what comes next belongs to the first line of a request."""

    def data_received(self, data: bytes) -> None:
        """Read on."""
        super().data_received(data if data.isascii() else self._encoded(data))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header: the first line is over."""
        self._is_in_line = False
        super().on_header(name, value)

    def on_message_complete(self) -> None:
        """End a request: the next line is the first of another."""
        self._is_in_line = True
        super().on_message_complete()

    def _encoded(self, data: bytes) -> bytes:
        if not self._is_in_line:
            return data
        line, end, rest = data.partition(b"\n")
        return _RAW.sub(_escaped, line) + end + rest


def _escaped(found: "re.Match[bytes]") -> bytes:
    return b"%%%02X" % found[0][0]
