# The image of `fairtally`: what it needs to run and nothing else. Built by docker compose and by plain `docker build .`
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are Node.js itself, for machines that have an older one.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

# The console's pages are built with packages that the program does not need; what builds them is optional, a binary for
# each kind of machine.
FROM node:24-slim AS console
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN node console/build/prepare.js --asked

FROM node:24-slim
LABEL org.opencontainers.image.title="fairtally" \
      org.opencontainers.image.description="Telephony usage-rating and fair-use engine: calls in, the right bill out" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY . .
COPY --from=console /app/console/dist ./console/dist
RUN ln -s /app/bin/fairtally.js /usr/local/bin/fairtally && install -d -o node -g node /data /keys
# What commands keep so as to start sooner, made by who will run them: `node` may read it, and no more.
RUN node bin/prepare.ts && chown -R node:node node_modules/.cache
USER node
RUN cd /tmp && fairtally demo --calls 9000 >/dev/null && rm -r fairtally-demo
USER root
RUN chown -R root:root node_modules/.cache && chmod -R a+rX node_modules/.cache
# Commands that are given no database keep their ledger in the folder they run in.
WORKDIR /data
USER node
ENTRYPOINT ["fairtally"]
CMD ["--help"]
