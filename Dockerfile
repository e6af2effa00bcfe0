# syntax of a plain Dockerfile: built by docker, podman and buildah alike
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
COPY requirements requirements
RUN python -m venv /opt/opendata \
    && /opt/opendata/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements/runtime.txt -r requirements/extras.txt \
    && python -m venv /opt/build \
    && /opt/build/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements/build.txt
COPY pyproject.toml README.md LICENSE LICENSE-DATA CHANGELOG.md ./
COPY src src
COPY seed seed
RUN /opt/build/bin/python -m build --wheel --no-isolation --outdir /wheels . \
    && /opt/opendata/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-index /wheels/*.whl \
    && /opt/opendata/bin/python -m compileall -q /opt/opendata/lib
# The data lie inside the image, so that a read-only root filesystem needs no volume; serve
# publishes anew only where the seed differs.
RUN OPENDATA_DATA_DIR=/data /opt/opendata/bin/opendata-api publish

FROM ${BASE}
LABEL org.opencontainers.image.title="opendata-api" \
      org.opencontainers.image.description="An open data API for what governments report about themselves" \
      org.opencontainers.image.licenses="Apache-2.0 AND CC-BY-4.0"
ENV PATH=/opt/opendata/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OPENDATA_HOST=0.0.0.0 \
    OPENDATA_PORT=8000 \
    OPENDATA_PUBLIC_URL=http://127.0.0.1:8000 \
    OPENDATA_DATA_DIR=/data
COPY --from=build /opt/opendata /opt/opendata
COPY --from=build --chown=10001:10001 /data /data
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s --retries=3 CMD ["python", "-m", "opendata_api.health"]
CMD ["opendata-api", "serve"]
