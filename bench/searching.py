"""How long the first hits for words of two characters take, and that no hit is missed."""

import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

import orjson

from bench.failures import CannotMeasure
from bench.fetching import Call, connected, fetch

PASSAGES = "/v1/passages"
FOUND_ROWS = 20
MILLI = 1e3


def check_found(port: int, found: Mapping[str, int]) -> None:
    """Raise CannotMeasure unless the service finds so many passages for each word."""
    for word, count in found.items():
        answer = orjson.loads(fetch(port, ask_passages(word)).body)
        told, given = answer["meta"]["total"], len(answer["data"])
        if answer["meta"]["total_relation"] != "eq":  # it is counted no further
            told = _count_all(port, word)
        if (told, given) != (count, min(count, FOUND_ROWS)):
            raise CannotMeasure(f"{word}: {told} passages found, {given} given, of {count}")


def _count_all(port: int, word: str) -> int:
    """How many passages a file of all that have a word has."""
    ids = Call(f"{PASSAGES}.csv?{urlencode({'q': word, 'fields': 'id'})}")
    return len(fetch(port, ids).body.splitlines()) - 1


def time_searches(port: int, words: Sequence[str], rounds: int) -> Mapping[str, Sequence[float]]:
    """Of each word, how long each answer took, in ms, on one connection."""
    times: dict[str, list[float]] = {word: [] for word in words}
    with connected(port) as connection:
        for _ in range(rounds + 1):  # the first is not counted
            for word in words:
                started = time.perf_counter()
                response = ask_passages(word).send(connection)
                response.read()
                times[word].append((time.perf_counter() - started) * MILLI)
                if response.status != HTTPStatus.OK:
                    raise CannotMeasure(f"{word}: {response.status}")
    return {word: some[1:] for word, some in times.items()}


def ask_passages(word: str) -> Call:
    """For the first passages that have a word."""
    return Call(f"{PASSAGES}?{urlencode({'q': word, 'limit': FOUND_ROWS})}")
