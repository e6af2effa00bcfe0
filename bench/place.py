"""Where everything of a measurement lies."""

from dataclasses import dataclass
from pathlib import Path

PUBLIC_URL = "https://data.example.org"
"""Stands in the bodies of the service, so that they are the same each time."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything lies."""

    environments: Path
    """Of Python: `service`, `datasette` and, where it can be installed, `roapi`."""
    made: Path
    """What is made of the invented rows; it may be kept for the next measurement."""
    work: Path
    """What this measurement makes."""

    def program(self, environment: str, name: str = "python") -> str:
        """A program of an environment."""
        return str(self.environments / environment / "bin" / name)

    @property
    def published(self) -> Path:
        """The folder of the published data, with the files of the release."""
        return self.made / "published"

    @property
    def table(self) -> Path:
        """The file that Datasette serves."""
        return self.made / "bench.db"

    @property
    def parquet(self) -> Path:
        """The file that ROAPI serves."""
        return self.made / "observation.parquet"

    @property
    def facts(self) -> Path:
        """What is known of what was made."""
        return self.made / "made.json"

    @property
    def recorded(self) -> Path:
        """The folder of the answers that raw uvicorn gives."""
        return self.work / "recorded"

    @property
    def nothing(self) -> Path:
        """A folder in which there is nothing."""
        return self.work / "nothing"
