"""The files of releases: made when a release is published, kept by what they contain."""

from opendata_api.catalog.whole import WHOLE
from opendata_api.files.checked import CheckedFiles
from opendata_api.files.folder import FilesFolder, MissingFile
from opendata_api.files.making import FileMaker

__all__ = ["WHOLE", "CheckedFiles", "FileMaker", "FilesFolder", "MissingFile"]
