/**
 * Before each file of system tests: a test that fails is run once more, with hooks and clean-up of its own. Not where a
 * wrong answer that comes once is one too many.
 */
import { beforeAll, type RunnerTask } from "vitest";

/** An attacker that wins, a damaged database called sound, a row that is lost, a recording that says what was not. */
const ONE_TRY = [
  /\/security\//,
  /\/damage\//,
  /\/long\/(journal-mode-killed|kill-faults)\./,
  /\/soak\/journal-mode\./,
  /\/record-truth\.test\.ts$/,
];

/** `SQLOCK_TEST_SECOND_TRY=0`: to find the tests that need it. */
export function triesAfterFailure(file: string, env: NodeJS.ProcessEnv): number {
  return env["SQLOCK_TEST_SECOND_TRY"] === "0" || ONE_TRY.some((pattern) => pattern.test(file)) ? 0 : 1;
}

// biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures that a hook needs from its text
beforeAll(({}, { file }) => setRetry(file.tasks, triesAfterFailure(file.filepath, process.env)));

function setRetry(tasks: readonly RunnerTask[], retry: number): void {
  for (const task of tasks) {
    if (task.type === "suite") setRetry(task.tasks, retry);
    else task.retry ||= retry; // what asks for tries of its own says why
  }
}
