# The image of web, worker and beat; compose.yaml says which command each runs.

FROM node:22-bookworm-slim AS front-end
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim-bookworm AS application
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 VAR_DIR=/var/lib/permanency
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-deps --require-hashes -r requirements.txt
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin permanency \
    && install --directory --owner permanency --mode 700 "$VAR_DIR"
COPY --from=front-end /app/node_modules node_modules
COPY . ./
USER 10001
# Collected while the image is built; the secret and the addresses come only when it runs.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    BASE_URL=https://build.example.org \
    python manage.py collectstatic --noinput --verbosity 0
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8000), 3).close()"]
CMD ["gunicorn", "permanency.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--no-control-socket", "--access-logfile", "-"]
