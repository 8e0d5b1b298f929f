import { fileURLToPath } from 'node:url';
import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests run on the TypeScript sources; only suites that start processes use the build in dist/. */
const alias = {
  '@livetap/connector': source('./libs/connector/src/index.ts'),
  '@livetap/contracts': source('./libs/contracts/src/index.ts'),
  '@livetap/testkit': source('./libs/testkit/src/index.ts'),
};

const plugins = [
  swc.vite({
    module: { type: 'es6' },
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  }),
];

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        plugins,
        // Only against hanging: properties and child processes take their time on a busy machine.
        test: {
          name: 'unit',
          include: ['libs/*/src/**/*.spec.ts', 'apps/*/src/**/*.spec.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve: { alias },
        plugins,
        test: {
          name: 'integration',
          include: ['test/**/*.spec.ts'],
          exclude: ['test/recordings/**', '**/node_modules/**'],
          globalSetup: ['test/setup/servers.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // Whole systems: most of their time is waiting, and each has names, databases and ports of its own.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: { alias },
        plugins,
        test: {
          name: 'recordings',
          include: ['test/recordings/**/*.spec.ts'],
          globalSetup: ['test/setup/servers.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
