"""Why a record is not there: there was none, or it was withdrawn."""

from opendata_api.describe import Dataset
from opendata_api.errors import ApiError, Fault, NotFound, Withdrawn
from opendata_api.store.model import ChangesAsked, Release
from opendata_api.web.site import Site
from opendata_api.words import Text

WITHDRAWN = "withdrawn"
WAS_WITHDRAWN = Text(
    "第{n}版已撤回，最后见于第{last}版。缘由：{reason}",
    "withdrawn in release {n}, last in release {last}. Why: {reason}",
)
WITHOUT_REASON = Text("随所依据的内容撤回", "what it followed from was withdrawn")


async def find_absence(
    site: Site, dataset: Dataset, record_id: str, release: Release, path: str
) -> ApiError:
    """Why a release has no record of that id: there was none, or it was withdrawn before."""
    asked = ChangesAsked(limit=1, dataset=dataset.name, id=record_id, newest_first=True)
    page = await site.store.changes(asked, site.dataset, release.n)
    if not page.changes or page.changes[0].kind != WITHDRAWN:
        return NotFound()
    change = page.changes[0]
    last = change.release - 1
    reason = Text(change.reason_zh or WITHOUT_REASON.zh, change.reason_en or WITHOUT_REASON.en)
    message = Text(
        WAS_WITHDRAWN.zh.format(n=change.release, reason=reason.zh, last=last),
        WAS_WITHDRAWN.en.format(n=change.release, reason=reason.en, last=last),
    )
    error = Withdrawn(Fault(message))
    error.elsewhere = site.address(path, (("release", str(last)),))
    return error
