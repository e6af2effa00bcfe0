"""The service as `opendata-api serve` runs it, over what is published; no seed is published."""

from opendata_api.serving import bind, configure, run
from opendata_api.settings import Settings

if __name__ == "__main__":
    settings = Settings()
    with bind(settings) as listener:
        run(configure(settings.workers), listener)
