"""What the files of a release say of themselves."""

from dataclasses import dataclass, replace

from opendata_api.catalog.whole import WHOLE, WHOLE_DESCRIPTION, WHOLE_TITLE
from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset
from opendata_api.files.sources import Sources
from opendata_api.formats import CSV, Format
from opendata_api.formats.imprint import Imprint, Named, Publisher, Whole
from opendata_api.formats.rights import OURS, rights_in


@dataclass(frozen=True, slots=True)
class Imprints:
    """The imprints of the files of one release."""

    publisher: Publisher
    sources: Sources

    def of(self, dataset: Dataset, format_: Format) -> Imprint:
        """Of the file of a dataset, which is the answer at the dataset's own address."""
        address = self.publisher.pinned(f"/v1/{dataset.name}.{format_.suffix}")
        plain = self.publisher.imprint(dataset, dataset.fields, rights_in(dataset), address)
        return replace(plain, citation=self.sources.cite(dataset, dataset.title, plain))

    def whole(self, format_: Format) -> Whole:
        """Of the file of all datasets; what holds for each stands with it."""
        release = f"{self.publisher.base}/v1/releases/{self.publisher.release}"
        address = f"{release}/files/{WHOLE}.{format_.suffix}"
        named = Named(WHOLE, WHOLE_TITLE, WHOLE_DESCRIPTION, address)
        parts = [self.of(dataset, CSV) for dataset in DATASETS]
        plain = self.publisher.whole(named, parts, OURS)
        return replace(plain, citation=self.sources.cite_whole(WHOLE_TITLE, plain))
