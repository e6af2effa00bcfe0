"""The service as `opendata-api serve` runs it, over what is published; no seed is published."""

from opendata_api.cli import _bind, _configure, _run, _settings

if __name__ == "__main__":
    settings = _settings()
    with _bind(settings) as listener:
        _run(_configure(settings.workers), listener)
