import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { type Compressed, Compressor } from "../../../../../src/features/record/segments/compressor.ts";
import { tempFolder } from "../../../../support/temp.ts";
import { until } from "../../../../support/until.ts";

const NAME = "sqlock-20260301T031200123Z-0001.jsonl";

test("a segment is replaced by the compressed one", async () => {
  const folder = tempFolder();
  const text = "line\n".repeat(100_000);
  writeFileSync(join(folder, NAME), text);
  const done: Compressed[] = [];
  const compressor = new Compressor(folder, null, (compressed) => done.push(compressed));
  compressor.add(NAME);
  await until("it is compressed", () => done.length > 0);
  expect(readdirSync(folder)).toEqual([`${NAME}.gz`]);
  expect(gunzipSync(readFileSync(join(folder, `${NAME}.gz`))).toString()).toBe(text);
});

test("what breaks off closes its own files, and no other that has got their numbers", async () => {
  const held: number[] = [];
  // in a thread Node.js tells of a descriptor that is closed twice
  const warnings: string[] = [];
  const warn = ({ message }: Error) => warnings.push(message);
  process.on("warning", warn);
  onTestFinished(() => {
    process.off("warning", warn);
    for (const fd of held) closeSync(fd);
  });
  for (let n = 0; n < 10; n++) {
    const folder = tempFolder();
    writeFileSync(join(folder, NAME), randomBytes(4e6));
    const compressor = new Compressor(folder, null, () => expect.unreachable());
    compressor.add(NAME);
    await until("it has begun", () => readdirSync(folder).length > 1);
    compressor.abort();
    expect(readdirSync(folder)).toEqual([NAME]);
    // whatever number is free is taken, as when the next segment begins
    const endMs = performance.now() + 1_000;
    while (compressor.isBusy && performance.now() < endMs) {
      held.push(openSync("/dev/null", "r"));
      const untilMs = performance.now() + 2;
      while (performance.now() < untilMs);
      await new Promise(setImmediate);
    }
    expect(compressor.isBusy).toBe(false);
  }
  for (const fd of held) expect(fstatSync(fd).isCharacterDevice()).toBe(true);
  expect(warnings).toEqual([]);
});
