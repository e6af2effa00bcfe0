"""Whatever is told to a caller is told in Chinese and in English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import REPOSITORY

from opendata_api.datasets import DATASETS
from opendata_api.errors import all_errors
from opendata_api.words import Text

pytestmark = pytest.mark.any_database

CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACE = re.compile(r"\{[^{}]*\}")
"""Where other words are put in."""
LATIN_WORD = re.compile(r"[a-z]{2}")
SAME_IN_BOTH = {
    *("JSON", "CSV", "SHA-256", "OpenAPI 3.1", "Optional", "Turtle", "JSON-LD", "RDF/XML"),
    *("JSON-stat", "CSVW", "HTML"),
}
"""Names that no language translates."""

BAD = [
    *("nosuch=1", "yaer=2023&x=y", "page_size=5", "format=csv", "descending=1", "=1", "&"),
    *("limit=x", "limit=0", "limit=5000", "limit=", "limit=1&limit=2", "release=x", "release=99"),
    *("lang=fr", "sort=nothing", "sort=id,id", "sort=release_added", "sort=", "fields=nothing"),
    *("fields=id,id", "cursor=x", "cursor=AAAA", "id__like=x", "id__nothing=x", "nothing__gte=1"),
    *("id=", "id=%01", "id=%zz", "id=%ff", f"id__in={','.join(['a'] * 101)}", "年份=x"),
    "&".join(f"nosuch{n}=1" for n in range(30)),
]
OF_OBSERVATIONS = [
    *("year=x", "year=1e999", "value=x", "value=0.0000001", "period_start=2023-02-30"),
    *("period_end__isnull=maybe", "dim=x", "dim=mood:good", "year=99999999999999999999"),
]
ADDRESSES = [
    *(f"/v1/{dataset.name}?{query}" for dataset in DATASETS for query in BAD),
    *(f"/v1/observations?{query}" for query in OF_OBSERVATIONS),
    *(f"/v1/areas/450203?{query}" for query in ("nosuch=1", "fields=x", "release=99")),
    *("/v1/cite", "/v1/cite?url=x", "/v1/cite?url=/v1/x", "/v1/cite?url=/v1/areas?x=1"),
    *("/v1/nothing", "/v1/areas/nothing", "/v1?nosuch=1", f"/v1?{'a' * 8193}"),
]


def texts_in(path: Path) -> Iterator[tuple[int, str, str]]:
    """Every Text of two constants in a module, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text":
            values = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if len(values) == len(node.args) == 2:
                yield node.lineno, str(values[0]), str(values[1])


def is_bilingual(zh: str, en: str) -> bool:
    """Whether the first is Chinese and the second English, in which words of the report may stand.

    What merely parts other words, such as “；”, is neither.
    """
    if not any(map(str.isalpha, PLACE.sub("", zh + en))) or zh in SAME_IN_BOTH:
        return True
    is_english = set(CHINESE.findall(en)) <= set(zh) and LATIN_WORD.search(en.lower())
    return bool(CHINESE.search(zh)) and zh != en and bool(is_english)


def test_every_text_of_the_program_is_chinese_and_english() -> None:
    modules = sorted((REPOSITORY / "src").rglob("*.py"))
    texts = [(path.name, *text) for path in modules for text in texts_in(path)]

    assert len(texts) > 300
    assert [text for text in texts if not is_bilingual(*text[2:])] == []


def test_every_error_is_named_and_explained_in_both_languages() -> None:
    for error in all_errors():
        for text in (error.title, error.explanation):
            assert isinstance(text, Text)
            assert is_bilingual(text.zh, text.en)


@pytest.mark.untraced
@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_fault_is_told_in_the_language_asked_for(
    api: httpx.AsyncClient, address: str
) -> None:
    chinese, english = [
        (await api.get(address, headers={"accept-language": lang})).json() for lang in ("zh", "en")
    ]

    assert is_bilingual(chinese["title"], english["title"])
    assert len(chinese["errors"]) == len(english["errors"])
    told = [
        (one["message"], other["message"])
        for one, other in zip(chinese["errors"], english["errors"], strict=True)
    ]
    assert [pair for pair in told if not is_bilingual(*pair)] == []
    assert CHINESE.search(chinese["detail"])
    assert {name: chinese[name] for name in ("code", "status", "instance")} == {
        name: english[name] for name in ("code", "status", "instance")
    }
    for one, other in zip(chinese["errors"], english["errors"], strict=True):
        assert {**one, "message": ""} == {**other, "message": ""}
