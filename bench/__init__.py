"""Measures the service beside Datasette and raw uvicorn; no part of what is installed."""
