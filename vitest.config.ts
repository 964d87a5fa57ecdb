import { defineConfig } from 'vitest/config';

const unit = {
  test: {
    name: 'unit',
    // A guard against hanging, not a measure: machines are busy.
    testTimeout: 60_000,
    include: ['{src,quadlet,translators,systemd,packaging,e2e}/**/*.test.ts'],
    isolate: false,
    pool: 'threads' as const,
  },
};

const e2e = {
  test: {
    name: 'e2e',
    include: ['e2e/**/*.e2e.ts'],
    globalSetup: ['e2e/global-setup.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
};

const driver = {
  test: {
    name: 'driver',
    include: ['{src,systemd,translators}/**/*.real.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
};

export default defineConfig({ test: { projects: [unit, driver, e2e] } });
