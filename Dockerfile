# One image for serve, worker and migrate; runs as an ordinary user.
# With LibreOffice, for documents as PDF: docker build --build-arg PDF=true . (about 700 MB more). See docs/operations.md.
FROM python:3.13-slim AS build
# The user that runs it may not write here: without this every start compiles all modules anew.
ENV UV_COMPILE_BYTECODE=1
WORKDIR /src
COPY tools/uv.lock tools/uv.lock
RUN python -m venv /opt/rongjiu && /opt/rongjiu/bin/pip install --no-cache-dir --require-hashes -r tools/uv.lock
COPY requirements.lock .
RUN /opt/rongjiu/bin/uv pip install --python /opt/rongjiu/bin/python --no-cache --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY bpmn bpmn
COPY dmn dmn
RUN /opt/rongjiu/bin/uv pip install --python /opt/rongjiu/bin/python --no-cache --no-deps --no-build-isolation .

FROM python:3.13-slim
ARG PDF=false
# Chinese fonts that Debian may ship, and one with the widths of Times New Roman; those of GB/T 9704 are not free and are mounted.
RUN if [ "$PDF" = true ]; then \
      apt-get update \
      && apt-get install -y --no-install-recommends libreoffice-writer-nogui fonts-noto-cjk fonts-liberation \
      && rm -rf /var/lib/apt/lists/*; \
    fi
RUN useradd --system --create-home --home-dir /var/lib/rongjiu rongjiu
COPY --from=build /opt/rongjiu /opt/rongjiu
ENV PATH=/opt/rongjiu/bin:$PATH RONGJIU_HOST=0.0.0.0 RONGJIU_DATA_DIR=/var/lib/rongjiu
USER rongjiu
WORKDIR /var/lib/rongjiu
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["rongjiu", "serve"]
