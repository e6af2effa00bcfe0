"""Where each command begins: what it loads is kept, so that no garbage is looked for meanwhile."""

import gc


def main() -> None:
    """The console script."""
    gc.disable()
    from opendata_api.cli import app  # noqa: PLC0415 - loaded while nothing is collected

    gc.freeze()
    gc.enable()
    app()


if __name__ == "__main__":
    main()
