"""An action: its name, what it takes and what answers it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from opendata_api.catalog.ckan import Catalogue, Node
from opendata_api.store.model import Release
from opendata_api.web.ckan.errors import invalid
from opendata_api.web.ckan.reading import Given, Reader
from opendata_api.web.site import Site
from opendata_api.words import Text

INCLUDE = "include_"
"""How CKAN begins what is shown besides; all is shown that there is."""

FRESH = "_"
"""A time that jQuery adds, so that no browser answers from its own copy."""

MISSING = Text("缺少该参数", "Missing value")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an action, its parameters read."""

    site: Site
    catalogue: Catalogue
    release: Release
    values: Given

    def text(self, *names: str) -> str:
        """The text of the first of these parameters that is given. Raises InvalidParameters."""
        for name in names:
            if self.values.get(name):
                return str(self.values[name])
        raise invalid(names[0], MISSING)

    def number(self, name: str, otherwise: int) -> int:
        """The number of a parameter, or another where it is not given."""
        return int(str(self.values.get(name, otherwise)))

    def texts(self, name: str) -> Sequence[str]:
        """The texts of a parameter."""
        value = self.values.get(name)
        return [str(one) for one in value] if isinstance(value, list) else []

    def is_set(self, name: str, *, otherwise: bool = False) -> bool:
        """Whether a parameter is true."""
        return bool(self.values.get(name, otherwise))


@dataclass(frozen=True, slots=True)
class Pending:
    """A result that is read from the database, once the caller is known to need it."""

    read: Callable[[], Awaitable[object]]
    """Gives the result, or Rows."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A result of many records, which are sent as they are read."""

    result: Node
    """Without the records, which come last."""
    batches: AsyncGenerator[Sequence[str], None]
    """Of records as JSON; none is empty."""


@dataclass(frozen=True, slots=True)
class Action:
    """What can be called."""

    name: str
    words: Text
    answer: Callable[[Call], object]
    """Gives the result, or what is Pending. Raises a CkanError."""
    readers: Mapping[str, Reader]
    """How each parameter is read, by name."""
    idle: tuple[str, ...] = ()
    """Parameters of CKAN's that make no difference here, beside those that begin `include_`."""
    is_choosy: bool = True
    """Whether a parameter that it has not is refused, since it might leave something out.

    CKAN itself takes whatever it is given, and its clients send more than it documents.
    """

    def known(self, given: Given) -> Given:
        """Of what is given what makes a difference, or is to be refused."""
        return {
            name: value
            for name, value in given.items()
            if name in self.readers or (self.is_choosy and not self._is_idle(name))
        }

    def _is_idle(self, name: str) -> bool:
        return name in (*self.idle, FRESH) or name.startswith(INCLUDE)

    @property
    def help(self) -> str:
        """What `help_show` tells of it."""
        lines = [self.words.en, "", self.words.zh]
        if self.readers:
            lines += ["", *(f":param {name}:" for name in self.readers)]
        if self.idle:
            lines += ["", f"Without effect here / 在此不起作用: {', '.join(self.idle)}"]
        return "\n".join(lines)
