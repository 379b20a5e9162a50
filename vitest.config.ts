import { defineConfig } from 'vitest/config';

// Three kinds of tests by what must run beside them; a component that is missing fails the run, nothing is skipped.
const shared = { testTimeout: 60_000, hookTimeout: 120_000, env: { TZ: 'UTC' }, pool: 'forks' as const };

export default defineConfig({
  test: {
    // Two cores: more files at once only make timeouts likelier.
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: 'pure',
          include: ['tests/{core,feeds,channels,config,coder,demo,structure}/**/*.test.{ts,tsx}'],
        },
      },
      {
        test: {
          ...shared,
          name: 'store',
          include: ['tests/{db,activities,server,cli}/**/*.test.{ts,tsx}'],
          globalSetup: ['tests/support/start-postgres.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'system',
          include: ['tests/{workflows,runtime,system}/**/*.test.{ts,tsx}'],
          globalSetup: ['tests/support/start-postgres.ts', 'tests/support/start-temporal.ts'],
          testTimeout: 240_000,
        },
      },
    ],
  },
});
