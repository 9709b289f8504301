import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real processes and real locks: what a test sees of the machine must not be another test's doing.
    fileParallelism: true,
    maxWorkers: 2,
  },
});
