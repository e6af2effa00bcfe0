"""The datasets; one more is one file here and one line below."""

from opendata_api.datasets.areas import AREAS
from opendata_api.datasets.bodies import BODIES
from opendata_api.datasets.codes import FIXED_CODES
from opendata_api.datasets.commitments import COMMITMENTS
from opendata_api.datasets.documents import DOCUMENTS
from opendata_api.datasets.metrics import METRICS
from opendata_api.datasets.observations import OBSERVATIONS
from opendata_api.datasets.passages import PASSAGES
from opendata_api.datasets.reports import REPORTS
from opendata_api.datasets.service_counts import SERVICE_COUNTS

DATASETS = (
    OBSERVATIONS,
    METRICS,
    SERVICE_COUNTS,
    COMMITMENTS,
    REPORTS,
    DOCUMENTS,
    PASSAGES,
    AREAS,
    BODIES,
)

__all__ = [
    "AREAS",
    "BODIES",
    "COMMITMENTS",
    "DATASETS",
    "DOCUMENTS",
    "FIXED_CODES",
    "METRICS",
    "OBSERVATIONS",
    "PASSAGES",
    "REPORTS",
    "SERVICE_COUNTS",
]
