/** A system test that fails is tried once more, and named; none that an attacker or a wrong answer may fail. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ROOT } from "../support/root.ts";
import { tempFolder } from "../support/temp.ts";

/** Runs tests that fail at the first try. */
async function run(env: Readonly<Record<string, string>>) {
  const file = join(tempFolder(), "result.json");
  const args = [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    "--config",
    "test/fixtures/second-try/vitest.config.ts",
  ];
  const { VITEST: _, ...own } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    env: { ...own, SQLOCK_TEST_SECOND_TRY: "", ...env, SECOND_TRY_JSON: file },
  }).catch((error: { stdout: string }) => error);
  const { testResults } = JSON.parse(readFileSync(file, "utf8")) as {
    testResults: { assertionResults: { fullName: string; status: string }[] }[];
  };
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    stdout,
    failed: results
      .filter(({ status }) => status === "failed")
      .map(({ fullName }) => fullName)
      .sort(),
  };
}

test("one that fails once passes, and is told with its error; one that fails twice fails", async () => {
  const { stdout, failed } = await run({});
  expect(failed).toEqual(["fails twice", "is not tried again"]);
  expect(stdout.match(/^passed at the second try: .*$/gm)).toEqual([
    "passed at the second try: fails-once.test.ts > a suite > fails once",
  ]);
  expect(stdout).toContain("to have a length of 2 but got 1");
});

test("SQLOCK_TEST_SECOND_TRY=0: none is tried again", async () => {
  const { stdout, failed } = await run({ SQLOCK_TEST_SECOND_TRY: "0" });
  expect(failed).toContain("a suite fails once");
  expect(stdout).not.toContain("second try");
});
