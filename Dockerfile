# The image of the cluster form: api, gateway, workers and migrations are the same image with another command
# (docker-compose.yml). PostgreSQL and Temporal are other containers: it carries no Temporal server of its own.
FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# By way of the package, so that the image holds what `files` in package.json names, and nothing else.
RUN npm run build && npm pack && mkdir /package && tar -xzf triagem-*.tgz -C /package --strip-components=1

FROM node:20-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/data HOST=0.0.0.0
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force && mkdir /data && chown node:node /data
COPY --from=build /package ./
USER node
VOLUME /data
EXPOSE 8000
# Workers and the gateway answer on METRICS_PORT, the api on PORT. The loopback's name passes the check of Host.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "-e", \
  "fetch('http://127.0.0.1:' + (process.env.METRICS_PORT || process.env.PORT || 8000) + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["api"]
