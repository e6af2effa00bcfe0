"""The statements that read what is told of releases."""

from opendata_api.store.clauses import Clause

RELEASES = Clause(
    'select "n", "published_at", "digest", "encoding", "changes" from "release" '
    'where "state" = \'published\' order by "n"'
)

FINISHED = "\"state\" in ('published', 'gone')"
"""Whether a release was published, also if it can't be read any more."""


def select_manifest(release: int) -> Clause:
    """The manifest of a release."""
    return Clause(f'select "manifest" from "release" where "n" = ? and {FINISHED}', (release,))


def select_signature(release: int) -> Clause:
    """The signature of a release's manifest."""
    return Clause(f'select "signature" from "release" where "n" = ? and {FINISHED}', (release,))


HOLES = Clause('select "dataset", "kind", "id", "since", "until", "leaf" from "erased"')


def select_holes(release: int) -> Clause:
    """What was erased of a release, by the columns of a Hole."""
    return Clause(
        f'{HOLES.sql} where "since" <= ? and "until" > ? order by "dataset", "kind", "id", "since"',
        (release, release),
    )


GONE = Clause(
    'select "n", "published_at", "gone_zh", "gone_en", "changes" from "release" '
    "where \"state\" = 'gone'"
)
COUNTS = Clause('select "dataset", "release", "count" from "count"')
