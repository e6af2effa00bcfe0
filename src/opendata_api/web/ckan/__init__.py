"""CKAN's Action API, as far as it reads: what its clients and harvesters call."""
