"""The history of the tables, one file for each layout, run by Alembic."""
