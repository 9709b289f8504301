import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import type { ExplanationDocument } from "../../src/render/explain/json.ts";
import { NODE_MAJOR } from "../support/bin.ts";
import { repetitions } from "../support/soak.ts";
import { BIN, NODE } from "../support/sqlock.ts";

const LOCKED = "sqlite3.OperationalError: database is locked";

const MIB = repetitions(100, 5);
const BYTES = MIB * 1024 * 1024;
/**
 * Of the process alone, in KiB, while it lives. Node.js 24 leaves more garbage lying: the peak is the same for 1 GB.
 */
const MOST_KIB = (NODE_MAJOR < 24 ? 150 : 300) * 1024;

async function stream(
  chunk: Buffer,
  end: string,
): Promise<{ readonly document: ExplanationDocument; readonly peakKib: number }> {
  const child = spawn(NODE, [BIN, "explain", "--json"], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const output = child.stdout.toArray();
  let peakKib = 0;
  function* chunks() {
    for (let sent = 0; sent < BYTES; sent += chunk.length) {
      peakKib = Math.max(
        peakKib,
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]),
      );
      yield chunk;
    }
    yield Buffer.from(end);
  }
  await pipeline(Readable.from(chunks(), { objectMode: true }), child.stdin);
  await exited;
  const document = JSON.parse(Buffer.concat(await output).toString()) as ExplanationDocument;
  return { document, peakKib };
}

const lines = (line: string) => Buffer.from(`${line}\n`.repeat(Math.floor(65_536 / line.length)));

test.each<[string, Buffer, string, number]>([
  [
    "a log",
    lines("2024-05-01 12:00:00,123 DEBUG db (0.001) SELECT a FROM app_thing WHERE id = 12; args=(12,)"),
    `\n${LOCKED}\n`,
    1,
  ],
  ["one line", Buffer.from("a database, an error, is locked no ".repeat(1900)), ` ${LOCKED}`, 1],
  ["a message on every line", lines(LOCKED), "", MIB * 19_000],
])(`${MIB} MiB on standard input, %s: in bounded memory`, async (_, chunk, end, least) => {
  const { document, peakKib } = await stream(chunk, end);
  expect(document.message).toMatchObject({ id: "database-is-locked", library: { id: "python-sqlite3" } });
  expect(document.message?.found?.count).toBeGreaterThanOrEqual(least);
  expect(peakKib).toBeGreaterThan(0);
  expect(peakKib).toBeLessThan(MOST_KIB);
});
