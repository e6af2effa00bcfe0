"""The search index, the same on both databases: characters and pairs of characters as tokens.

A word of two characters and more is the run of its pairs, one behind the other; a word of one is
the beginning of a pair. Tokens are ASCII letters and digits alone, so nothing that is searched
for can be taken for the query language of an engine.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from opendata_api.describe import Dataset, Field
from opendata_api.folding import NUMBER, fold
from opendata_api.store.clauses import Window
from opendata_api.store.errors import BadPublication
from opendata_api.values import Row, Stored

DIGITS = "0123456789abcdefghijklmnopqrstuv"
TOKEN = 2
"""Characters of a text that a token stands for."""
WIDTH = 5
"""Characters of a token for each code point, in base 32."""
END = "z" * WIDTH
"""Stands after the last character."""
BLOCK = 4_096
"""So many versions, one numbered after the other, are a block."""
NUMBERS = "numbers"
"""The column of numbers as they stand, whole."""

LENGTH_MAX = 16_000
SAME_MAX = 255
"""PostgreSQL keeps no more places: 16,383 in a text, 255 of one token."""


def index_texts(dataset: Dataset, row: Row) -> Sequence[str]:
    """The folded texts of a row's searched fields, in order."""
    by_name = dict(zip(dataset.field_names, row, strict=False))
    return [fold(_text(by_name[field.name])).text for field in dataset.searched]


def fts5_row(dataset: Dataset, n: int, row: Row) -> Row:
    """What SQLite's index takes: the version, the tokens of each field, the numbers."""
    texts = index_texts(dataset, row)
    return (n, *(" ".join(pairs(text)) for text in texts), " ".join(numbers(texts)))


def tsvector(dataset: Dataset, n: int, row: Row) -> str:
    """What PostgreSQL's index takes, as a literal: tokens with places, each field's its own.

    And the token of the block of numbers that the version lies in.
    """
    texts = index_texts(dataset, row)
    lexemes: dict[str, list[int]] = {}
    for letter, text in zip(DIGITS, texts, strict=False):
        for place, pair in enumerate(pairs(text), 1):
            lexemes.setdefault(letter + pair, []).append(place)
    placed = (f"'{name}':{','.join(map(str, at))}" for name, at in lexemes.items())
    return " ".join([*placed, *(f"'{number}'" for number in numbers(texts)), _block(block_of(n))])


def check_length(dataset: Dataset, row: Row) -> None:
    """Raise BadPublication for a text of which an index would lose places."""
    for field, text in zip(dataset.searched, index_texts(dataset, row), strict=True):
        most = max(Counter(pairs(text)).values(), default=0)
        if len(text) > LENGTH_MAX or most > SAME_MAX:
            raise BadPublication(
                f"{row[dataset.field_names.index('id')]}: {field.name} is too long to be searched"
            )


def pairs(text: str) -> Sequence[str]:
    """The tokens of a folded text: each character with the one after it."""
    codes = [_code(character) for character in text]
    return (
        [one + other for one, other in zip(codes, [*codes[1:], END], strict=True)] if codes else []
    )


def numbers(texts: Sequence[str]) -> Sequence[str]:
    """The tokens of the whole numbers in folded texts."""
    return sorted({_number(found) for text in texts for found in NUMBER.findall(text)})


def block_of(n: int) -> int:
    """The block of BLOCK numbers that a version's number lies in."""
    return n // BLOCK


def _block(block: int) -> str:
    """No field has this letter."""
    return f"'w{block}'"


class Match(Enum):
    """Which of the rows that have all words: all, those that have them whole, the others."""

    ANY = "any"
    WHOLE = "whole"
    SCATTERED = "scattered"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for: words, all of which must stand in the fields."""

    dataset: Dataset
    fields: Sequence[Field]
    words: Sequence[str]
    match: Match = Match.ANY

    @property
    def is_split(self) -> bool:
        """Whether rows that have them whole come before the others."""
        return len(self.words) > 1 or any(NUMBER.search(word) for word in self.words)

    @property
    def phrases(self) -> Sequence[str]:
        """The runs of characters of which rows that have them whole hold one besides.

        Words of Chinese stand one behind the other, others with a blank between them.
        """
        return ["".join(self.words), " ".join(self.words)] if len(self.words) > 1 else []

    @property
    def numbers(self) -> Sequence[str]:
        """The tokens of numbers that rows that have them whole hold besides."""
        return numbers(self.words)


def fts5_query(wanted: Wanted) -> str:
    """The query for SQLite."""
    names = " ".join(field.name for field in wanted.fields)
    loose = " AND ".join(f"{{{names}}} : {_fts5_word(word)}" for word in wanted.words)
    if wanted.match is Match.ANY:
        return loose
    phrase = " OR ".join(f"{{{names}}} : {_fts5_word(one)}" for one in wanted.phrases)
    whole = [f'{NUMBERS} : "{number}"' for number in wanted.numbers]
    strict = " AND ".join([f"({phrase})", *whole] if phrase else whole)
    return (
        f"({loose}) AND ({strict})" if wanted.match is Match.WHOLE else f"({loose}) NOT ({strict})"
    )


def ts_query(wanted: Wanted, window: Window | None = None) -> str:
    """The same query for PostgreSQL, as a literal; of the blocks of the window alone."""
    if window is None:
        return _ts_query(wanted)
    blocks = " | ".join(_block(block) for block in range(window[0], window[1] + 1))
    return f"({_ts_query(wanted)}) & ({blocks})"


def _ts_query(wanted: Wanted) -> str:
    loose = " & ".join(_ts_word(wanted, word) for word in wanted.words)
    if wanted.match is Match.ANY:
        return loose
    phrase = " | ".join(_ts_word(wanted, one) for one in wanted.phrases)
    whole = [f"'{number}'" for number in wanted.numbers]
    strict = " & ".join([f"({phrase})", *whole] if phrase else whole)
    return f"({loose}) & ({strict})" if wanted.match is Match.WHOLE else f"({loose}) & !({strict})"


def _fts5_word(word: str) -> str:
    if len(word) == 1:
        return f'"{_code(word)}" *'
    return f'"{" ".join(_inner_pairs(word))}"'


def _ts_word(wanted: Wanted, word: str) -> str:
    letters = [DIGITS[wanted.dataset.searched.index(field)] for field in wanted.fields]
    if len(word) == 1:
        found = [f"'{letter}{_code(word)}':*" for letter in letters]
    else:
        runs = _inner_pairs(word)
        found = [" <-> ".join(f"'{letter}{pair}'" for pair in runs) for letter in letters]
    return "(" + " | ".join(f"({one})" for one in found) + ")"


def _inner_pairs(word: str) -> Sequence[str]:
    return pairs(word)[:-1]


def _text(value: Stored) -> str:
    return "" if value is None else str(value)


def _number(digits: str) -> str:
    return f"n{digits.replace('.', 'p')}"


@lru_cache(maxsize=65_536)
def _code(character: str) -> str:
    number = ord(character)
    return "".join(DIGITS[number >> shift & 31] for shift in range(20, -1, -5))
