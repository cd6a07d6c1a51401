# The wheel is built beside what it needs to be built; none of that reaches the image that runs.
FROM python:3.11-slim AS build
WORKDIR /src
COPY docker/build.lock docker/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r docker/build.lock
COPY pyproject.toml README.md LICENSE ./
COPY core core
COPY registry registry
COPY rules rules
COPY alerts alerts
COPY visits visits
COPY ingest ingest
COPY store store
COPY api api
COPY device_sim device_sim
COPY app app
RUN pip wheel --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY requirements.lock /tmp/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.lock
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps /wheels/*.whl \
 && useradd --create-home --uid 10001 shouwang \
 && install -d -o shouwang -g shouwang -m 0700 /data
USER shouwang
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8080
ENV SHOUWANG_DATA_DIR=/data SHOUWANG_HTTP_HOST=0.0.0.0
ENTRYPOINT ["shouwang"]
CMD ["serve"]
