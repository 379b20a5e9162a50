# One image for every role: `migrate`, `worker`, `serve`. glibc only: Temporal's native part has no musl build.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY . .
# Temporal ships five platforms (140 MB) and npm brings a Postgres that containers never start; the workflow code is bundled
# here, so that a worker starts at once and needs no place to write.
RUN node scripts/prune-modules.mjs && node scripts/bundle-workflows.mjs /app/.cache

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production \
    TZ=UTC \
    AXISWATCH_CACHE_DIR=/app/.cache \
    AXISWATCH_DATA_DIR=/tmp/axiswatch
WORKDIR /app
COPY --from=build /app /app
# The image's own user without rights; it owns nothing in /app.
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["node", "bin/axiswatch.js", "healthcheck"]
ENTRYPOINT ["node", "bin/axiswatch.js"]
CMD ["serve"]
