"""Data that no government reported: as many as are asked for, the same each time."""
