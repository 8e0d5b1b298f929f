import { fileURLToPath } from 'node:url';
import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

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

/** Files that take a minute or more: the longest first, and not two beside each other that both need a whole core. */
const LONG = [
  'test/system/world.spec.ts',
  'test/system/full-journal.spec.ts',
  'test/crash/kill.spec.ts',
  'test/consumers/consumers.spec.ts',
  'test/integration/publishing/broker-faults.spec.ts',
  'test/system/gifts.spec.ts',
  'test/system/fleet.spec.ts',
  'test/outage/outage.spec.ts',
  'test/system/faults.spec.ts',
  'test/system/drain.spec.ts',
  'test/system/health.spec.ts',
];

/** A run is over sooner when what takes longest is not what begins last. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((path) => moduleId.endsWith(`/${path}`));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve: { alias },
        plugins,
        // Only against hanging: properties and child processes take their time on a busy machine.
        test: {
          name: 'unit',
          include: ['libs/*/src/**/*.spec.ts', 'apps/*/src/**/*.spec.ts'],
          testTimeout: 60_000,
          // There is no state of a module that one file could leave to the next, and to load all of them anew for each takes as long as the tests.
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          maxWorkers: 2,
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
