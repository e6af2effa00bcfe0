"""Why a record is not there: there was none, or it was withdrawn or erased."""

from opendata_api.describe import Dataset
from opendata_api.errors import ApiError, Erased, Fault, NotFound, Withdrawn
from opendata_api.store.changes import Kind
from opendata_api.store.model import ChangeRecord, ChangesAsked, Release
from opendata_api.web.site import Site
from opendata_api.words import Text

WAS_WITHDRAWN = Text(
    "第{n}版已撤回，最后见于第{last}版。缘由：{reason}",
    "withdrawn in release {n}, last in release {last}. Why: {reason}",
)
WITHOUT_REASON = Text("随所依据的内容撤回", "what it followed from was withdrawn")
WAS_ERASED = Text("第{n}版时清除。缘由：{reason}", "erased with release {n}. Why: {reason}")


async def find_absence(
    site: Site, dataset: Dataset, record_id: str, release: Release, path: str
) -> ApiError:
    """Why a release has no record of that id: there was none, or it was taken away."""
    last = await _last(site, dataset, record_id, release.n)
    if last is None:
        return NotFound()
    if last.kind == Kind.WITHDRAWN:
        return await _withdrawn(site, dataset, last, path)
    # A record that was there and is not now was erased: by the newest release, if not by this one.
    erased = await _last(site, dataset, record_id, site.store.published.newest.n, Kind.ERASED)
    return NotFound() if erased is None else erased_error(erased)


def erased_error(change: ChangeRecord) -> Erased:
    """The erasure as it is told."""
    reason = Text(change.reason_zh or "", change.reason_en or "")
    return Erased(
        Fault(
            Text(
                WAS_ERASED.zh.format(n=change.release, reason=reason.zh),
                WAS_ERASED.en.format(n=change.release, reason=reason.en),
            )
        )
    )


async def _withdrawn(site: Site, dataset: Dataset, change: ChangeRecord, path: str) -> Withdrawn:
    last = change.release - 1
    reason = Text(change.reason_zh or WITHOUT_REASON.zh, change.reason_en or WITHOUT_REASON.en)
    message = Text(
        WAS_WITHDRAWN.zh.format(n=change.release, reason=reason.zh, last=last),
        WAS_WITHDRAWN.en.format(n=change.release, reason=reason.en, last=last),
    )
    error = Withdrawn(Fault(message))
    if await site.store.record(dataset, change.id, last) is not None:
        error.elsewhere = site.address(path, (("release", str(last)),))
    return error


async def _last(
    site: Site, dataset: Dataset, record_id: str, release: int, *kinds: Kind
) -> ChangeRecord | None:
    """The last change of a record up to a release, of those kinds if any are given."""
    asked = ChangesAsked(
        limit=1, dataset=dataset.name, id=record_id, kinds=kinds, newest_first=True
    )
    page = await site.store.changes(asked, site.dataset, release)
    return page.changes[0] if page.changes else None
