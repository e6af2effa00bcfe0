"""Why a measurement can't go on."""


class CannotMeasure(Exception):
    """Something that must hold before it is measured does not."""
