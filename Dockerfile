# A worker or coordinator in a container: docker build -t regions-dist .
FROM python:3.12-slim

WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY regions_dist regions_dist
COPY workers workers
COPY examples examples
RUN pip install --no-cache-dir . && useradd --create-home regions && install -d -o regions /data

USER regions
ENV REGIONS_HOME=/data
CMD ["regions-worker", "--help"]
