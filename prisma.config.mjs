import { defineConfig } from 'prisma/config';

/**
 * For Prisma's own command line (`prisma migrate deploy`, `prisma studio`). The service itself never reads this file:
 * it applies the same migrations at start.
 */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // eslint-disable-next-line no-restricted-properties -- a tool's configuration, not a part of the service
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://127.0.0.1:5432/livetap' },
});
