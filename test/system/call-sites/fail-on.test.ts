/** record --fail-on: which exit code, and the lines at the end. */
import { expect, test } from "vitest";
import { recordScript, type Traced } from "../../support/call-sites.ts";
import { pythonPath } from "../../support/holder.ts";
import { AS_CALLER } from "../../support/sqlock.ts";

/** Two connections of one process; with `waits`, the second one waits as long as it can. */
const SCRIPT = `import contextlib, os, sqlite3, sys
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "app.db")
with contextlib.closing(sqlite3.connect(path)) as one, contextlib.closing(sqlite3.connect(path, timeout=0)) as two:
    one.execute("CREATE TABLE t (a)")
    one.execute("INSERT INTO t VALUES (1)")
    if "refused" in sys.argv:
        try:
            two.execute("INSERT INTO t VALUES (2)")
        except sqlite3.OperationalError as error:
            print(error)
    one.commit()
sys.exit(3 if "fails" in sys.argv else 0)
`;

function run(words: string, args: readonly string[], through?: readonly string[]): Promise<Traced> {
  const options = [...AS_CALLER, "--fail-on", words];
  return recordScript(SCRIPT, { source: "sampled", options, args, through: through ?? [pythonPath()] });
}

test("1 where there is a problem, with its lines; the command's own code comes first", async () => {
  const refused = await run("refusals", ["refused"]);
  expect(refused).toMatchObject({ code: 1, stdout: "database is locked\n" });
  expect(refused.stderr).toContain("\nsqlock: failed because of 1 problem (--fail-on):\n  refusals: ");
  expect(refused.stderr).toMatch(
    / got SQLITE_BUSY at app\.py:8, behind another connection of its own process at app\.py:5\.\n$/,
  );
  const fails = await run("refusals", ["refused", "fails"]);
  expect(fails.code).toBe(3);
  expect(fails.stderr).toContain("sqlock: failed because of 1 problem (--fail-on):");
});

test("0 where there is none, or none of that kind", async () => {
  for (const [words, args] of [
    ["refusals,transaction-left-open", []],
    ["waits", ["refused"]],
  ] as const) {
    const { code, stderr } = await run(words, args);
    expect({ code, failed: stderr.includes("--fail-on") }).toEqual({ code: 0, failed: false });
  }
});

test("2 where nothing could be seen", async () => {
  const { code, stderr } = await run("refusals", ["refused"], [pythonPath(), "-I"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/\nsqlock: --fail-on has found nothing, but that is no answer: .*\n$/);
});
