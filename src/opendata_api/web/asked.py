"""A request for rows, read: the query, the release, the format and the language."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from propcache.api import cached_property
from starlette.requests import Request

from opendata_api.describe import Dataset
from opendata_api.errors import Fault, InvalidValue, NotAcceptable, Pairs
from opendata_api.formats import CSV, CSVM, FORMATS, JSON, Format
from opendata_api.query import QUERY_BYTES_MAX, Cursor, Query, join_query, split_query
from opendata_api.query.faults import unknown
from opendata_api.query.model import DimensionCondition
from opendata_api.store.model import Release
from opendata_api.values import Row
from opendata_api.web.answers import Representation, tag_of
from opendata_api.web.links import Link
from opendata_api.web.negotiation import choose_format, choose_language
from opendata_api.web.rights import rights_of
from opendata_api.web.site import Site
from opendata_api.words import Lang, Text

A_DIMENSION = Text("维度", "dimension")
OF_A_QUERY = "!$&'()*+,;=:@/?%[]"
"""What stands in a query string as it is, beside letters, digits and `-._~`."""


@dataclass(frozen=True, slots=True)
class Form:
    """In which format an answer is wanted, and who said so."""

    format: Format
    by_suffix: bool

    @property
    def vary(self) -> tuple[str, ...]:
        """The header that chose it, if one did."""
        return () if self.by_suffix else ("Accept",)


def read_form(
    site: Site, request: Request, suffix: Format | None, offered: Sequence[Format] = FORMATS
) -> Form:
    """The format of the suffix, else of the Accept header, of those that an address offers.

    Raises NotAcceptable.
    """
    if suffix is not None:
        if not suffix.is_installed:
            raise _not_installed(site, suffix, offered)
        return Form(suffix, by_suffix=True)
    accept = request.headers.get("accept")
    try:
        format_ = choose_format(accept, site.negotiated(offered))
    except NotAcceptable as refusal:
        raise _without_extra(site, accept, offered) or refusal from None
    return Form(format_, by_suffix=False)


def read_json_form(request: Request, suffix: Format | None) -> Form:
    """The form at an address that has JSON alone. Raises NotAcceptable for a wish of others."""
    chosen = suffix or choose_format(request.headers.get("accept"), [JSON])
    return Form(chosen, by_suffix=suffix is not None)


def _without_extra(
    site: Site, accept: str | None, offered: Sequence[Format]
) -> NotAcceptable | None:
    """The refusal of what another installation could write; None where none could."""
    try:
        chosen = choose_format(accept, [one for one in offered if one.accepts])
        return _not_installed(site, chosen, offered)
    except NotAcceptable:
        return None


def _not_installed(site: Site, format_: Format, offered: Sequence[Format]) -> NotAcceptable:
    message = Text(
        "本服务没有安装 {needs}，不能输出 .{suffix}；可用 {others}",
        "this installation is without {needs}, so that it has no .{suffix}; it has {others}",
    )
    kept = [one for one in site.formats if one in offered]
    others = ", ".join(f".{one.suffix}" for one in kept)
    filled = message.format(needs=format_.needs, suffix=format_.suffix, others=others)
    allowed = tuple(dict.fromkeys(one.media_type for one in kept))
    return NotAcceptable(Fault(filled, allowed=allowed))


@dataclass(frozen=True)
class Asked:
    """A request for rows, read; what follows from it is worked out once."""

    site: Site
    form: Form
    query: Query
    release: Release
    lang: Lang
    path: str
    """Without the suffix of the format."""
    query_string: bytes = b""
    """As it was sent."""

    @property
    def dataset(self) -> Dataset:
        """The dataset asked."""
        return self.query.dataset

    @cached_property
    def sent(self) -> str:
        """The query string as it was sent, fit to stand in an address."""
        return quote(self.query_string, safe=OF_A_QUERY)

    @cached_property
    def shape(self) -> str | None:
        """The encoded rows that can be joined as they are; None: encode from values."""
        published = self.site.store.published
        is_encoded = self.query.selects_all and published.is_encoded(self.release.n)
        return self.form.format.shape if is_encoded else None

    @cached_property
    def has_highlights(self) -> bool:
        """Whether rows say where the words stand that were searched for."""
        return self.query.is_searched and self.form.format is JSON

    @cached_property
    def canonical(self) -> Pairs:
        """The canonical parameters, with the language where the format has one."""
        pairs = self.query.canonical
        if self.query.limit == self.query.limit_default and not self.form.format.is_file:
            pairs = tuple(pair for pair in pairs if pair[0] != "limit")
        return self._in_language(self.form.format, pairs)

    @cached_property
    def address(self) -> str:
        """The canonical address of this representation."""
        return self._address(self.canonical)

    def address_at(self, cursor: str) -> str:
        """The address of the page of these rows that a cursor begins."""
        others = (pair for pair in self.canonical if pair[0] != "cursor")
        return self._address(tuple(sorted((*others, ("cursor", cursor)))))

    def _address(self, pairs: Pairs) -> str:
        suffix = f".{self.form.format.suffix}" if self.form.format.is_file else ""
        return self.site.address(f"{self.path}{suffix}", pairs)

    @cached_property
    def permalink(self) -> str:
        """The address that gives the same rows for ever."""
        return self.site.address(self.path, self._whole)

    @cached_property
    def pin(self) -> Pairs:
        """The release, where the request is bound to one: its links lead to the same release."""
        is_bound = self.query.release is not None or self.query.cursor is not None
        return (("release", str(self.release.n)),) if is_bound else ()

    @cached_property
    def fixed(self) -> "Asked":
        """The same request, pinned to the release."""
        return replace(self, query=self.query.pinned(self.release.n))

    def at(self, cursor: Cursor | None) -> "Asked":
        """The same request at another page."""
        return replace(self, query=self.query.at(cursor))

    def file(self, format_: Format) -> Link:
        """The whole query as a file, pinned to the release.

        Its address names the language only where the answer itself varies with it.
        """
        in_language = self.form.format.by_language and format_.by_language
        query = self._whole_query_told if in_language else self._whole_query
        address = f"{self.site.base}{self.path}.{format_.suffix}?{query}"
        return Link("alternate", address, format_.key, format_.media_type)

    @cached_property
    def _whole(self) -> Pairs:
        """Of all rows that are asked for, as of the release."""
        return self.query.whole(self.release.n).canonical

    @cached_property
    def _whole_query(self) -> str:
        return join_query(self._whole)

    @cached_property
    def _whole_query_told(self) -> str:
        """The same with the language that the answer is in."""
        return join_query(self._told(self._whole))

    @property
    def tag(self) -> str:
        """The strong ETag of this representation."""
        return tag_of(self.site, self.release, self.path, self.canonical, self._form_told)

    @property
    def _form_told(self) -> str:
        format_ = self.form.format
        return f"{format_.key}.{self.lang}" if format_.by_language else format_.key

    def representation(self, links: Sequence[Link] = ()) -> Representation:
        """What the answer's headers are made of."""
        format_ = self.form.format
        return Representation(
            site=self.site,
            release=self.release,
            path=self.path,
            canonical=self.canonical,
            form=self._form_told,
            content_type=format_.content_type,
            vary=self._vary,
            links=_described(self, links) if format_ is CSV else links,
            rights=rights_of(self.query),
        )

    @property
    def _vary(self) -> tuple[str, ...]:
        by_language = self.form.format.by_language and self.query.lang is None
        return (
            *self.form.vary,
            *(("Accept-Language",) if by_language else ()),
        )

    def _in_language(self, format_: Format, pairs: Pairs) -> Pairs:
        return self._told(pairs) if format_.by_language else pairs

    def _told(self, pairs: Pairs) -> Pairs:
        return pairs if self.lang == "zh" else tuple(sorted([*pairs, ("lang", self.lang)]))


async def ask(site: Site, request: Request, query: Query, form: Form, path: str) -> Asked:
    """The request with its release and language. Raises as find_release."""
    query_string = request.scope["query_string"]
    release = await find_release(site, query, split_query(query_string))
    lang = query.lang or choose_language(request.headers.get("accept-language"))
    return Asked(site, form, query, release, lang, path, query_string)


async def find_release(site: Site, query: Query, pairs: Pairs) -> Release:
    """The release that answers a query, which the pairs asked.

    Raises OutOfRange for no such release, InvalidValue for a dimension that it has not.
    """
    number = query.cursor.release if query.cursor else query.release
    release = await site.release(number, pairs)
    if query.dimensions:
        known = await site.labels(release.n)
        _check_dimensions(query, tuple(known.get("dimensions", {})))
    return release


def dictionary_link(asked: Asked) -> Link:
    """The dictionary of the dataset asked, which describes its rows in every format."""
    dictionary = asked.site.address(f"/v1/datasets/{asked.dataset.name}", asked.pin)
    return Link("describedby", dictionary, "describedby")


def _described(asked: Asked, links: Sequence[Link]) -> Sequence[Link]:
    """The links of a CSV: its metadata stand first, since clients take the first link for theirs.

    The metadata name the CSV by the query as it was sent, which clients compare to the letter. The
    dictionary, which is named there too, is a glossary beside them.
    """
    if len(asked.sent) > QUERY_BYTES_MAX:
        return links
    sent = f"?{asked.sent}" if asked.sent else ""
    address = f"{asked.site.address(asked.path)}.{CSVM.suffix}{sent}"
    others = [one._replace(rel="glossary") if one.rel == "describedby" else one for one in links]
    return [Link("describedby", address, type=CSVM.media_type), *others]


def page_for_people(asked: Asked) -> Link:
    """The page that shows the same: `/datasets` in place of `/v1`, pinned to the release."""
    page = asked.permalink.replace(f"{asked.site.base}/v1/", f"{asked.site.base}/datasets/")
    return Link("alternate", page, "html", "text/html")


def select_values(dataset: Dataset, query: Query, row: Row) -> Row:
    """Of a row with all fields, the values of the fields asked for."""
    by_name = dict(zip(dataset.field_names, row, strict=True))
    return tuple(by_name[field.name] for field in query.fields)


def _check_dimensions(query: Query, known: Sequence[str]) -> None:
    faults: list[Fault] = []
    kept: list[DimensionCondition] = []
    for one in query.dimensions:
        if one.name in known:
            kept.append(one)
            continue
        faults.append(unknown(A_DIMENSION, one.name, "dim", known))
        if meant := faults[-1].did_you_mean:
            kept.append(replace(one, name=meant))
    if faults:
        pairs = replace(query, dimensions=tuple(kept)).canonical
        lang = () if query.lang is None else (("lang", query.lang),)
        raise InvalidValue(*faults, correction=(*pairs, *lang))
