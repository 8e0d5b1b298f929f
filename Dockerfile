# Livetap watcher. Built in two steps; the result runs as a user without rights on Node 24.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY apps/watcher/package.json apps/watcher/
COPY apps/simulator/package.json apps/simulator/
COPY apps/console/package.json apps/console/
COPY libs/connector/package.json libs/connector/
COPY libs/contracts/package.json libs/contracts/
COPY libs/testkit/package.json libs/testkit/
COPY examples/consumers/nestjs/package.json examples/consumers/nestjs/
RUN npm ci
COPY . .
RUN node scripts/build.mjs
RUN npm prune --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production LIVETAP_DATA_DIR=/var/lib/livetap
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/prisma prisma
COPY --from=build /app/libs libs
COPY --from=build /app/apps apps
RUN mkdir -p /var/lib/livetap && chown node:node /var/lib/livetap
USER node
VOLUME /var/lib/livetap
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/livez').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "--v8-pool-size=1", "apps/watcher/dist/main.js"]
