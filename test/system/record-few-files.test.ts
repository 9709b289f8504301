/** A recorder that may open very few files (`ulimit -n`): one line, never a stack. */
import { expect, test } from "vitest";
import { newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";

/** Node.js itself ends without a word below the first one; from some number on it records. */
const LIMITS = Array.from({ length: 20 }, (_, i) => 20 + i);

test("too many open files: what, and what to do", async () => {
  const database = newDatabase("wal");
  const told: string[] = [];
  for (const limit of LIMITS) {
    const through = ["sh", "-c", `ulimit -n ${limit}; exec "$@"`, "sh"];
    const { code, stderr } = await sqlock(["record", "--for", "50ms", database], { through });
    expect(stderr, `${limit}`).not.toContain("this is a bug");
    if (code === 0) break;
    if (code === 2) told.push(stderr.split("\n").at(-2) ?? "");
  }
  expect(told).toContain("sqlock: too many open files: no further one is allowed; raise the limit (ulimit -n 1024)");
});
