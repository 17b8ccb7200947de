# The image of the cluster form: api, gateway, workers and migrations are the same image with another command
# (docker-compose.yml). PostgreSQL and Temporal are other containers: it carries no Temporal server of its own.
# Debian 13, because the builds of uWebSockets.js need its glibc (2.38 or later).

# uWebSockets.js for this Node is on GitHub only. Where it can't be fetched, sockets run on ws. The address is that of an
# archive, because npm needs git for any other. Builds for other systems and Nodes, 100 MB, are left out.
FROM node:24-trixie-slim AS sockets
ARG UWS=https://codeload.github.com/uNetworking/uWebSockets.js/tar.gz/refs/tags/v20.67.0
RUN mkdir /uws && \
  if npm install --silent --no-save --ignore-scripts --fetch-retries=1 --fetch-timeout=60000 --prefix /uws "$UWS"; \
  then find /uws -name '*.node' ! -name "uws_linux_*_$(node -p process.versions.modules).node" -delete; \
  else echo 'uWebSockets.js could not be fetched from GitHub: sockets run on ws.'; fi

FROM node:24-trixie-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# By way of the package, so that the image holds what `files` in package.json names, and nothing else.
RUN npm run build && npm pack && mkdir /package && tar -xzf triagem-*.tgz -C /package --strip-components=1

FROM node:24-trixie-slim
ENV NODE_ENV=production DATA_DIR=/data HOST=0.0.0.0
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force && mkdir /data && chown node:node /data
COPY --from=build /package ./
COPY --from=sockets /uws ./.uws
USER node
VOLUME /data
EXPOSE 8000
# Workers and the gateway answer on METRICS_PORT, the api on PORT. The loopback's name passes the check of Host.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "-e", \
  "fetch('http://127.0.0.1:' + (process.env.METRICS_PORT || process.env.PORT || 8000) + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["api"]
