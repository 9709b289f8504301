import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { cleanEnvironment } from "./test/support/environment.ts";
import FailureReporter from "./test/support/failure-reporter.ts";
import SecondTryReporter from "./test/support/second-try-reporter.ts";
import { fixSeed } from "./test/support/seed.ts";
import Sequencer from "./test/support/sequencer.ts";
import SkipReporter from "./test/support/skip-reporter.ts";

cleanEnvironment();
fixSeed(process.env);

/** More than what one `until()` waits: it is to say what it has waited for, also behind others on a busy machine. */
const TEST_TIMEOUT_MS = 120_000;

/** What starts the built program. */
const WITH_PROGRAM = {
  globalSetup: ["test/support/global-setup.ts"],
  testTimeout: TEST_TIMEOUT_MS,
  hookTimeout: TEST_TIMEOUT_MS,
};

/** Gives a test that fails a second try. */
const SECOND_TRY = "test/support/second-try.ts";

/** Pure functions: nothing is started, so that the files can share their workers and the modules in them. */
const unit: TestProjectInlineConfiguration = {
  test: {
    name: "unit",
    include: ["test/unit/**/*.test.ts"],
    setupFiles: ["test/support/property-seed.ts"],
    pool: "threads",
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    sequence: { groupOrder: 0 },
  },
};

/**
 * Real processes and real locks: what a test sees of the machine must not be another test's doing. Many of them wait:
 * there are more workers than cores.
 */
const system: TestProjectInlineConfiguration = {
  test: {
    ...WITH_PROGRAM,
    name: "system",
    setupFiles: [SECOND_TRY],
    include: ["test/{system,security,docs,package,long,damage}/**/*.test.ts"],
    provide: { soak: false },
    isolate: false,
    maxWorkers: 3,
    sequence: { groupOrder: 1 },
  },
};

/** The tests of a folder that do more in the soak than in `npm test`: the others would do the same once more. */
function repeated(folder: string): string[] {
  return readdirSync(join(import.meta.dirname, folder))
    .map((name) => `${folder}/${name}`)
    .filter(
      (path) =>
        path.endsWith(".test.ts") &&
        /\/support\/(?:soak|python-programs)\.ts/.test(readFileSync(join(import.meta.dirname, path), "utf8")),
    );
}

/**
 * What takes minutes; and what the project system runs in short, with all repetitions. Half of the time is spent
 * waiting: there are more workers than cores.
 */
const soak: TestProjectInlineConfiguration = {
  test: {
    ...WITH_PROGRAM,
    name: "soak",
    setupFiles: [SECOND_TRY],
    include: [
      "test/soak/*.test.ts",
      ...["security", "long", "damage", "package", "system/in-program"].flatMap((each) => repeated(`test/${each}`)),
    ],
    provide: { soak: true },
    testTimeout: 1_800_000,
    maxWorkers: 3,
    sequence: { groupOrder: 2 },
  },
};

/** The drivers of the world, beside the soak: what each needs is fetched and built by the first test of it. */
const drivers: TestProjectInlineConfiguration = {
  test: {
    ...WITH_PROGRAM,
    name: "drivers",
    setupFiles: [SECOND_TRY],
    include: ["test/drivers/**/*.test.ts"],
    provide: { soak: true },
    testTimeout: 1_800_000,
    maxWorkers: 3,
    sequence: { groupOrder: 2 },
  },
};

/**
 * Beside no other tests, since a mount that does not answer stops every lsof of the machine; but beside each other,
 * since most of them wait until sqlock gives up a mount.
 */
const mounts: TestProjectInlineConfiguration = {
  test: {
    ...WITH_PROGRAM,
    name: "alone-mounts",
    setupFiles: [SECOND_TRY],
    include: ["test/alone/mounts/*.test.ts"],
    isolate: false,
    maxWorkers: 3,
    sequence: { groupOrder: 4 },
  },
};

/** Each file in a process of its own: its tests are about all files that their process has open. */
const ownProcess: TestProjectInlineConfiguration = {
  test: {
    ...WITH_PROGRAM,
    name: "alone-process",
    setupFiles: [SECOND_TRY],
    include: ["test/alone/process/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    sequence: { groupOrder: 3 },
  },
};

/** One after the other, and beside no other test: counting holds of 20 ms needs a CPU. */
function alone(name: string, full: boolean): TestProjectInlineConfiguration {
  return {
    test: {
      ...WITH_PROGRAM,
      name,
      include: full ? repeated("test/alone") : ["test/alone/*.test.ts"],
      setupFiles: [SECOND_TRY],
      provide: { soak: full },
      isolate: false,
      maxWorkers: 1,
      sequence: { groupOrder: 5 },
    },
  };
}

export default defineConfig({
  test: {
    sequence: { sequencer: Sequencer },
    reporters: ["default", new FailureReporter(), new SkipReporter(), new SecondTryReporter()],
    projects: [unit, system, soak, drivers, mounts, ownProcess, alone("alone", false), alone("soak-alone", true)],
  },
});
