/** Litestream, which has a read open on purpose. The first test builds it: some minutes, where nothing is built yet. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { killJson } from "../../support/kill.ts";
import { startProgram } from "../../support/program.ts";
import { has, need } from "../../support/skip.ts";
import { holding, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lookAt } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";
import { until } from "../../support/until.ts";
import { fetched, run } from "../cache.ts";

const PIN = join(import.meta.dirname, "litestream.version");

async function litestream(context: TestContext): Promise<string> {
  need(context, has("go") && has("cc"), "Go and cc (for cgo)");
  const folder = await fetched(context, {
    name: "litestream",
    pins: [PIN],
    make: (path) =>
      run(["nice", "go", "install", "-trimpath", "-ldflags=-s -w", readFileSync(PIN, "utf8").trim()], {
        cwd: path,
        // The C compiler takes half the time without its optimizations.
        env: { GOBIN: path, CGO_ENABLED: "1", CGO_CFLAGS: "-O0 -g0", GOFLAGS: "", GOTOOLCHAIN: "local", GOWORK: "off" },
      }),
  });
  return join(folder, "litestream");
}

test("its read is how it works; ended, nothing is replicated: --stale does not take it", async (context) => {
  const program = await litestream(context);
  const database = newDatabase("wal");
  const config = join(tempFolder(), "litestream.yml");
  writeFileSync(config, `dbs:\n  - path: ${database}\n    replicas:\n      - path: ${tempFolder()}/replica\n`);
  const writer = await holding(database);
  const replicating = startProgram([program, "replicate", "-config", config]);
  await replicating.prints(/snapshot written|wal segment written/);
  await writer.run(`c.execute("insert into t values (1)")`);
  const seen = await until("it keeps a frame from being copied back", async () => {
    const now = await lookAt(database);
    return now.holders.some(({ pid, blocks }) => pid === replicating.pid && blocks.includes("checkpoints"))
      ? now
      : undefined;
  });
  expect(holderOf(seen, replicating.pid)).toMatchObject({ activity: "reading", name: "litestream" });
  expect(seen.summary.join("\n")).toContain("likely this is how Litestream works");
  expect(findingIds(seen)).toEqual([]);
  const stale = await killJson([database, "--stale", "--yes", "--stale-after", "1ms", "--dry-run"]);
  expect(stale.outcomes).toEqual([]);
  const named = await killJson([database, "--pid", String(replicating.pid), "--yes", "--dry-run"]);
  expect(JSON.stringify(named.outcomes)).toContain("It is likely Litestream: once ended, it replicates nothing");
});
