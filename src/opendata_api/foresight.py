"""What a publication would change, told to whoever is to publish it."""

from collections.abc import Iterator, Mapping

import orjson

from opendata_api.datasets import FIXED_CODES
from opendata_api.describe import Dataset
from opendata_api.formats import json
from opendata_api.seed.faults import UNFILLED
from opendata_api.seed.reasons import COLUMNS, FILE
from opendata_api.store.changes import Foreseen, Kind, Told
from opendata_api.store.errors import UnexplainedChanges
from opendata_api.store.reasons import REASONS
from opendata_api.values import Row
from opendata_api.words import Text

KINDS: Mapping[str, Text] = {code.value: code.label for code in FIXED_CODES["change_kinds"]}
NOTHING = "没有变化 / nothing would change"
FIRST = "尚未发布过：将发布第1版 / nothing is published yet: this would be release 1"
ALL = "all"
TEXTS = {
    "text": Text("文件原文有变", "the text of a document changes"),
    "coverage": Text("数字的收录与排除有变", "what is published and excluded changes"),
    "labels": Text("代码的中英文名称有变", "names of codes change"),
    "reasons": Text("缘由有变", "reasons are written down"),
}
"""By the kind of a text beside the records."""
SHOWN_MAX = 200
"""So many changes are shown; of more, how many there are."""


def tell_foreseen(foreseen: Foreseen | None) -> Iterator[str]:
    """The lines to print: each change from old to new, then what lacks a reason."""
    if foreseen is None:
        yield FIRST
        return
    own = [one for one in foreseen.told if one.kind is not Kind.RELABELLED]
    for one in own[:SHOWN_MAX]:
        yield from _tell_one(one)
    yield from _tell_counts(foreseen)
    if (refused := find_unexplained(foreseen)) is not None:
        yield from tell_unexplained(refused)


def find_unexplained(foreseen: Foreseen) -> UnexplainedChanges | None:
    """What is wrong with the reasons, if anything."""
    try:
        foreseen.explained()
    except UnexplainedChanges as refused:
        return refused
    return None


def tell_unexplained(refused: UnexplainedChanges) -> Iterator[str]:
    """What lacks a reason, as lines for the seed; and the reasons that nothing needs."""
    if refused.lacking:
        yield (
            f"以下变更各需一条新的缘由，写入 seed/{FILE} / "
            f"each of these needs one new reason in seed/{FILE}:"
        )
        yield f"  {','.join(COLUMNS)}"
        names = dict.fromkeys(one.id for one in refused.lacking)
        yield from (f"  {name},curation,{UNFILLED},{UNFILLED}" for name in names)
    for reason in refused.idle:
        yield (
            f"{FILE}：{reason.id} 没有需要说明的变更 / "
            f"nothing changed that needs this reason: {reason.zh}"
        )


def _tell_one(one: Told) -> Iterator[str]:
    words = KINDS[one.kind]
    yield f"{one.id} ({one.dataset.name}) {words.zh} / {words.en}"
    if one.rows is None or one.rows[1] is None:
        return
    for name in one.changed:
        before, after = (_shown(one.dataset, name, row) for row in (one.rows[0], one.rows[1]))
        yield f"  {name}: {before} → {after}"


def _shown(dataset: Dataset, name: str, row: Row) -> str:
    """A value as JSON has it, without the quotes of a text."""
    place = dataset.field_names.index(name)
    encoded = json.encode_row((dataset.fields[place],), (row[place],))
    value = orjson.loads(encoded)[name]
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _tell_counts(foreseen: Foreseen) -> Iterator[str]:
    counts: dict[tuple[str, str], int] = {
        (name, Kind.ADDED.value): count for name, count in foreseen.added.items()
    }
    for one in foreseen.told:
        key = (one.dataset.name, one.kind.value)
        counts[key] = counts.get(key, 0) + 1
    # Reasons come with what they explain; by themselves they are a change too.
    texts = [one for one in foreseen.texts if one[0] != REASONS or not counts]
    if not counts and not texts:
        yield NOTHING
    for kind, name in texts:
        words = TEXTS[kind]
        yield f"{words.zh} / {words.en}" + ("" if name == ALL else f": {name}")
    for (name, kind), count in sorted(counts.items()):
        words = KINDS[kind]
        yield f"{name}: {count} {words.zh} / {words.en}"
