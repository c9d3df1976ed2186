# The service. It runs as nobody in particular, and writes nothing: give it a read-only file system.
FROM python:3.13-slim AS build

RUN pip install --no-cache-dir uv==0.13.9
ENV UV_PYTHON_DOWNLOADS=never \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/secretspace

WORKDIR /src
# The packages first: they change less often than the code, so this layer is used again.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project
COPY app app
COPY devcluster devcluster
COPY deploy/manifests deploy/manifests
RUN uv sync --frozen --no-dev --no-editable


FROM python:3.13-slim

COPY --from=build /opt/secretspace /opt/secretspace
# A user without a name has no home either, and kubernetes-asyncio looks for one when it is imported.
ENV PATH=/opt/secretspace/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp

USER 65532:65532
WORKDIR /tmp
EXPOSE 8000
# Whether the process answers; whether the cluster does is /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
ENTRYPOINT ["secretspace"]
CMD ["serve", "--host", "0.0.0.0"]
