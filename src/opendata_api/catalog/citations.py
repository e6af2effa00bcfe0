"""Citations in the forms of the styles that are asked for most; pure.

The date of access is the release's: equal data gives equal bytes, and what is cited is the same
on any later day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from opendata_api.words import Text


@dataclass(frozen=True, slots=True)
class Source:
    """The report that a record quotes: its primary source."""

    key: str
    author: Text
    title: Text
    published_on: date
    url: str


@dataclass(frozen=True, slots=True)
class Work:
    """What is cited: a dataset or a record of it, as of a release."""

    key: str
    """ASCII, for BibTeX and CSL."""
    author: Text
    title: Text
    release: int
    released_on: date
    url: str
    licence: str
    """Empty: what is cited is not ours to license."""
    source: Source | None = None


RELEASE = Text("第{n}版", "Release {n}")


def gb_t_7714(work: Work) -> str:
    """GB/T 7714—2015, 4.6: 主要责任者. 题名: 其他题名信息[DS/OL]. (更新日期)[引用日期]. 路径.

    DS/OL is a data set on line, EB/OL a page on line. 4.6 has no edition: the release stands in
    the other title information (8.2.3). The report quoted follows as a reference of its own.
    """
    accessed = work.released_on
    edition = RELEASE.format(n=work.release).zh
    joined = ", " if ": " in work.title.zh else ": "
    title = f"{work.title.zh}{joined}{edition}"
    lines = [f"{work.author.zh}. {title}[DS/OL]. ({accessed})[{accessed}]. {work.url}."]
    if (source := work.source) is not None:
        lines.append(
            f"{source.author.zh}. {source.title.zh}[EB/OL]. "
            f"({source.published_on})[{accessed}]. {source.url}."
        )
    return "\n".join(lines)


def apa(work: Work) -> str:
    """APA 7, 10.9: Author. (Year). Title (Version) [Data set]. URL.

    The publisher is left out where it is the author. A title that is not in English is followed
    by its translation in brackets (9.38), in its own characters.
    """
    title = f"{work.title.en} ({RELEASE.format(n=work.release).en}) [Data set]"
    lines = [f"{work.author.en}. ({work.released_on.year}). {title}. {work.url}"]
    if (source := work.source) is not None:
        day = source.published_on
        lines.append(
            f"{source.author.en}. ({day.year}, {_MONTHS[day.month - 1]} {day.day}). "
            f"{source.title.zh} [{source.title.en}]. {source.url}"
        )
    return "\n".join(lines)


def bibtex(work: Work) -> str:
    """An entry for BibTeX and biblatex in UTF-8; a second one for the report quoted.

    @misc, since BibTeX's own styles know no @dataset. The address is verbatim in biblatex and in
    the url package, so that nothing is escaped there.
    """
    note = ", ".join(filter(None, [_both(RELEASE.format(n=work.release)), work.licence]))
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
    if (source := work.source) is not None:
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
    """An item of CSL-JSON 1.0.2; the report quoted stands in the variables of the original.

    The schema has no variable for a licence and none for the address of an original: both
    stand in `note`.
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
    notes = [work.licence]
    if (source := work.source) is not None:
        notes.append(source.url)
        item |= {
            "original-author": [{"literal": _both(source.author)}],
            "original-title": _both(source.title),
            "original-date": _date_parts(source.published_on),
            "original-publisher": _both(source.author),
        }
    note = "; ".join(filter(None, notes))
    return item | ({"note": note} if note else {})


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
