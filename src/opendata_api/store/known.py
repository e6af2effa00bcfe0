"""What reads found out about a release, kept for the reads that come after them.

A release never changes, but for an erasure, which makes another: then nothing is known any more.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from hashlib import blake2s
from threading import Lock
from typing import Generic, TypeVar

import orjson

from opendata_api.query import GroupQuery, Query
from opendata_api.store.clauses import Question

KEPT_MAX = 10_000
"""So many findings of a kind are kept: about 2 MB."""
KEY_BYTES = 16

Finding = TypeVar("Finding")


@dataclass(slots=True)
class Kept(Generic[Finding]):
    """The latest findings, by what was asked; several threads ask."""

    most: int = KEPT_MAX
    _found: dict[Hashable, Finding] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def find(self, key: Hashable) -> Finding | None:
        """What was found, if it is still known."""
        return self._found.get(key)

    def keep(self, key: Hashable, finding: Finding) -> Finding:
        """The finding, known from now on; the oldest is forgotten for it."""
        with self._lock:
            self._found[key] = finding
            if len(self._found) > self.most:
                del self._found[next(iter(self._found))]
        return finding


@dataclass(slots=True)
class Known:
    """What is known of what is published."""

    counts: Kept[int] = field(default_factory=Kept)
    """How many rows, or versions that have the words, a query has, counted up to a bound."""
    long: Kept[int] = field(default_factory=Kept)
    """How often a read of rows that meet plain conditions was not brief."""
    sound: Kept[bool] = field(default_factory=Kept)
    """Whether no rule refuses what a query computes of all rows that meet its plain conditions.

    Then none refuses it of some of them, or by further keys: a rule is broken by figures that
    stand in one group, and leaving figures out puts none together.
    """


def key_of_count(question: Question[Query], most: int) -> bytes:
    """What is counted up to a bound."""
    query = question.query
    return key_of(question.release, query.dataset.name, query.filters, most)


def key_of_hits(question: Question[Query], most: int) -> bytes:
    """The same of the versions that have the words, of whichever releases."""
    return key_of("hits", key_of_count(question, most).hex())


def key_of_read(question: Question[Query]) -> bytes:
    """What is read of the rows that meet the plain conditions, or that have the words."""
    query = question.query
    keys = (
        sorted({key.name for key in query.keys}) if isinstance(query, GroupQuery) else query.words
    )
    return key_of("read", question.release, query.dataset.name, query.widened.filters, keys)


def key_of_rules(question: Question[GroupQuery]) -> bytes:
    """What is computed of which rows, grouped by what."""
    query = question.query
    keys = sorted({key.name for key in query.keys})
    functions = sorted({one.function.value for one in query.computed})
    return key_of(question.release, query.dataset.name, query.filters, keys, functions)


def key_of(*asked: object) -> bytes:
    """A digest of what was asked: a key takes the same room whatever stands in it."""
    return blake2s(orjson.dumps(asked), digest_size=KEY_BYTES).digest()
