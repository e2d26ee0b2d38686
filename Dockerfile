# The dependencies are pure JavaScript: no install script has to run, and none may.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim AS console
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts/build-console.ts ./scripts/
COPY console ./console
COPY src ./src
RUN node scripts/build-console.ts

FROM node:24-slim
ENV NODE_ENV=production \
    CORBEL_HOST=0.0.0.0 \
    CORBEL_PORT=8080 \
    CORBEL_DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY connectors ./connectors
COPY src ./src
COPY --from=console /app/console/dist ./console/dist
# Only these two are ever written to: the rest of the file system may be read-only.
RUN install -d -o node -g node -m 0700 /data /keys
USER node
VOLUME ["/data"]
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CORBEL_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
