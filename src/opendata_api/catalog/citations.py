"""Citations in the forms of the styles that are asked for most; pure.

The date of access is the release's: equal data gives equal bytes, and what is cited is the same
on any later day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from opendata_api.words import Lang, Text


@dataclass(frozen=True, slots=True)
class Source:
    """A report that rows are taken from: their primary source."""

    key: str
    author: Text
    title: Text
    published_on: date
    url: str


@dataclass(frozen=True, slots=True)
class Work:
    """What is cited: rows of a dataset, or what is computed of them, as of a release."""

    key: str
    """ASCII, for BibTeX and CSL."""
    author: Text
    title: Text
    release: int
    released_on: date
    url: str
    licence: str
    """Empty: what is cited is not ours to license."""
    sources: tuple[Source, ...] = ()
    reports: Text | None = None
    """How many reports the rows come from, in words, where they are too many to name."""


RELEASE = Text("第{n}版", "Release {n}")
SOURCE = Text("资料来源: {reports.zh}.", "Source: {reports.en}.")


def gb_t_7714(work: Work) -> str:
    """GB/T 7714—2015, 4.6: 主要责任者. 题名: 其他题名信息[DS/OL]. (更新日期)[引用日期]. 路径.

    DS/OL is a data set on line, EB/OL a page on line. 4.6 has no edition: the release stands in
    the other title information (8.2.3). Each report follows as a reference of its own.
    """
    accessed = work.released_on
    edition = RELEASE.format(n=work.release).zh
    joined = ", " if ": " in work.title.zh else ": "
    title = f"{work.title.zh}{joined}{edition}"
    lines = [f"{work.author.zh}. {title}[DS/OL]. ({accessed})[{accessed}]. {work.url}."]
    lines += [
        f"{source.author.zh}. {source.title.zh}[EB/OL]. "
        f"({source.published_on})[{accessed}]. {source.url}."
        for source in work.sources
    ]
    return "\n".join([*lines, *_told(work, "zh")])


def apa(work: Work) -> str:
    """APA 7, 10.9: Author. (Year). Title (Version) [Data set]. URL.

    The publisher is left out where it is the author. Titles are in sentence case (6.17): the first
    letter of a title and of a subtitle is large, as are proper nouns. A title that is not in
    English is followed by its translation in brackets (9.38), in its own characters.
    """
    title = f"{work.title.en} ({RELEASE.format(n=work.release).en}) [Data set]"
    lines = [f"{work.author.en}. ({work.released_on.year}). {title}. {work.url}"]
    for source in work.sources:
        day = source.published_on
        lines.append(
            f"{source.author.en}. ({day.year}, {_MONTHS[day.month - 1]} {day.day}). "
            f"{source.title.zh} [{source.title.en}]. {source.url}"
        )
    return "\n".join([*lines, *_told(work, "en")])


def bibtex(work: Work) -> str:
    """An entry for BibTeX and biblatex in UTF-8; a further one for each report.

    @misc, since BibTeX's own styles know no @dataset. The address is verbatim in biblatex and in
    the url package, so that nothing is escaped there.
    """
    note = ", ".join([_both(RELEASE.format(n=work.release)), *_notes(work)])
    entries = [
        _entry(
            work.key,
            {
                "author": _braced(_both(work.author)),
                "title": _braced(_both(work.title)),
                "howpublished": _escaped("数据集 (Data set)"),
                "version": f"{{{work.release}}}",
                "note": _escaped(note),
                **_dated(work.released_on),
                "url": _verbatim(work.url),
                "urldate": f"{{{work.released_on}}}",
            },
        )
    ]
    for source in work.sources:
        fields = {
            "author": _braced(_both(source.author)),
            "title": _braced(_both(source.title)),
            **_dated(source.published_on),
            "url": _verbatim(source.url),
            "urldate": f"{{{work.released_on}}}",
        }
        entries.append(_entry(source.key, fields))
    return "\n\n".join(entries)


def csl_json(work: Work) -> dict[str, object]:
    """An item of CSL-JSON 1.0.2; the report stands in the variables of the original.

    The schema has no variable for a licence, none for the address of an original, and room for
    one original alone: what is left stands in `note`.
    """
    item: dict[str, object] = {
        "id": work.key,
        "type": "dataset",
        "title": _both(work.title),
        "author": [{"literal": _both(work.author)}],
        "publisher": _both(work.author),
        "version": str(work.release),
        "issued": _date_parts(work.released_on),
        "accessed": _date_parts(work.released_on),
        "URL": work.url,
        "language": "zh-CN",
    }
    notes = [*_notes(work)]
    if len(work.sources) == 1:
        item |= _original(work.sources[0])
        notes.append(work.sources[0].url)
    else:
        notes += [_sentence(source) for source in work.sources]
    return item | ({"note": "; ".join(notes)} if notes else {})


def _original(source: Source) -> dict[str, object]:
    return {
        "original-author": [{"literal": _both(source.author)}],
        "original-title": _both(source.title),
        "original-date": _date_parts(source.published_on),
        "original-publisher": _both(source.author),
    }


def _sentence(source: Source) -> str:
    return f"{_both(source.author)}. {_both(source.title)}. {source.published_on}. {source.url}"


def _told(work: Work, lang: Lang) -> Iterator[str]:
    """The line on reports that are too many to name."""
    if work.reports is not None:
        yield SOURCE.format(reports=work.reports).in_language(lang)


def _notes(work: Work) -> Iterator[str]:
    """What no style has a place for: the licence, and reports that are too many to name."""
    if work.licence:
        yield work.licence
    if work.reports is not None:
        yield _both(work.reports)


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{character: f"\\{character}" for character in "$&#%_"},
}
"""What TeX reads as more than itself; the names of braces leave an entry's own balanced."""

_VERBATIM = {"{": "%7B", "}": "%7D", "\\": "%5C"}
"""What no verbatim field can hold, as an address may write it."""


def _entry(key: str, fields: Mapping[str, str]) -> str:
    lines = [f"  {name} = {value}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _dated(day: date) -> dict[str, str]:
    """Year and month, as both programs read them; the month is a word of BibTeX's own."""
    return {"year": f"{{{day.year}}}", "month": _MONTHS[day.month - 1][:3].lower()}


def _braced(text: str) -> str:
    """The text as one name or title, in which no style changes a letter."""
    return f"{{{{{_tex(text)}}}}}"


def _escaped(text: str) -> str:
    return f"{{{_tex(text)}}}"


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in " ".join(text.split()))


def _verbatim(url: str) -> str:
    return f"{{{''.join(_VERBATIM.get(character, character) for character in url)}}}"


def _both(text: Text) -> str:
    return f"{text.zh} ({text.en})"


def _date_parts(day: date) -> dict[str, object]:
    return {"date-parts": [[day.year, day.month, day.day]]}


STYLES = {"gb_t_7714": gb_t_7714, "apa": apa, "bibtex": bibtex, "csl_json": csl_json}
"""Every style by its name in the answer."""
