/** One file of a recording: long statements are whole, also those that are only counted. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readFile } from "../../../../src/features/report/read-file.ts";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import { countsLine, metaLine } from "../../../support/recording.ts";

const SQL = `insert into t values (${"?, ".repeat(100)}?)`;

test.each([null, 60_000])("a statement of counts that are added up over %s ms is whole", async (countsMs) => {
  const folder = mkdtempSync(join(tmpdir(), "sqlock-test-"));
  try {
    const path = join(folder, "r.jsonl");
    const one = { tid: 1, times: 500, heldMs: 300, sql: SQL.slice(0, 40), statement: 1 };
    const lines: RecordingLine[] = [
      metaLine(),
      { type: "statement", id: 1, atMs: 0, sql: SQL, length: SQL.length, cut: false },
      countsLine({ oneStatement: [one] }),
    ];
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const span = { fromMs: 0, toMs: 10_000 };
    const given: RecordingLine[] = [];
    const source = { name: path, path, isSegment: false };
    const task = {
      source,
      fromMs: 0,
      toMs: 10_000,
      span,
      isBeyond: false,
      isFollowed: false,
      countsSpan: span,
      countsMs,
      withBuckets: true,
    };
    await readFile(task, (line) => given.push(line));
    expect(given).toMatchObject([{ type: "counts", oneStatement: [{ sql: SQL, times: 500 }] }]);
    expect(given).not.toMatchObject([{ oneStatement: [{ statement: 1 }] }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
