import * as fs from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { tempFolder } from "../../../support/temp.ts";

vi.mock("node:fs", async (original) => ({
  ...(await original<typeof fs>()),
  fdatasync: vi.fn((_: number, done: () => void) => done()),
}));

// another test of this worker may have loaded it with the real node:fs
vi.resetModules();
const { OutputFile } = await import("../../../../src/features/record/output-file.ts");

test("what was written is synced after 5 s, also where nothing follows it; once", () => {
  const file = new OutputFile({ path: join(tempFolder(), "x.jsonl"), force: false, maxBytes: 1e6 }, []);
  const syncs = (nowMs: number) => {
    file.flush(nowMs);
    return vi.mocked(fs.fdatasync).mock.calls.length;
  };
  file.add("{}\n");
  expect([syncs(1000), syncs(4999), syncs(5001), syncs(20_000)]).toEqual([0, 0, 1, 1]);
  file.add("{}\n");
  expect([syncs(21_000), syncs(27_000)]).toEqual([2, 2]);
  file.discard();
});
