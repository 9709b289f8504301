import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Decoder } from "../../../src/trace/decode.ts";
import { Buffers } from "../../../src/trace/drain.ts";
import type { DecodedEvent, ExitRecord } from "../../../src/trace/events.ts";
import { Order } from "../../../src/trace/order.ts";
import { tempFolder } from "../../support/temp.ts";
import { LAYOUT } from "../../support/trace.ts";

const PER_PAGE = 100;
const ID = 7;

const exits: Decoder = {
  length: 8,
  decode: ({ words }, at, atMs): ExitRecord => ({ kind: "exit", atMs, tid: words[(at >> 2) + 1] ?? 0, last: null }),
};

/** A file stands for the kernel's buffer: its end is that of what was recorded. `times`: of the events, in us. */
function buffersOf(cpus: readonly (readonly number[])[]): Buffers {
  const folder = tempFolder();
  cpus.forEach((times, cpu) => {
    mkdirSync(join(folder, `per_cpu/cpu${cpu}`), { recursive: true });
    writeFileSync(join(folder, `per_cpu/cpu${cpu}/trace_pipe_raw`), pagesOf(times, cpu));
  });
  const buffers = new Buffers(folder, [...cpus.keys()], LAYOUT, { low: 0, high: 0 });
  buffers.use(ID, exits);
  return buffers;
}

function pagesOf(times: readonly number[], tid: number): Buffer {
  const pages: Buffer[] = [];
  for (let first = 0; first < times.length; first += PER_PAGE) {
    const bytes = Buffer.alloc(LAYOUT.pageSize);
    let beforeUs = times[first] ?? 0;
    bytes.writeBigUInt64LE(BigInt(beforeUs) * 1000n, LAYOUT.timestamp);
    let at = LAYOUT.data;
    for (const us of times.slice(first, first + PER_PAGE)) {
      bytes.writeUInt32LE((((us - beforeUs) * 1000) << 5) | 2, at); // two words of data
      bytes.writeUInt32LE(ID, at + 4);
      bytes.writeUInt32LE(tid, at + 8);
      beforeUs = us;
      at += 12;
    }
    bytes.writeUInt32LE(at - LAYOUT.data, LAYOUT.commit);
    pages.push(bytes);
  }
  return Buffer.concat(pages);
}

const every = (us: number, count: number, fromUs = us) => Array.from({ length: count }, (_, n) => fromUs + n * us);

test("a few at once, of all CPUs in step, and in the end all of them in order", () => {
  const busy = every(10, 20_000);
  const calm = every(1_000, 200);
  const buffers = buffersOf([busy, calm, [], [150_000]]);
  const order = new Order();
  const delivered: DecodedEvent[] = [];
  let readMs = 0;
  for (let reads = 0; readMs < 500; reads++) {
    let count = 0;
    readMs = buffers.read(500, (run) => {
      count += run.length;
      order.add(run);
    });
    const events = order.take(readMs);
    expect(count).toBeLessThan(2_000);
    expect(count - events.length).toBeLessThan(PER_PAGE * 2); // nearly nothing has to wait for another CPU
    expect(events.every(({ atMs }) => atMs <= readMs)).toBe(true);
    delivered.push(...events);
    expect(reads).toBeLessThan(100);
  }
  buffers.close();
  const times = delivered.map(({ atMs }) => atMs);
  expect(times).toEqual([...busy, ...calm, 150_000].map((us) => us / 1000).sort((a, b) => a - b));
});

test("what is newer than asked for may stay; asked again, it comes", () => {
  const buffers = buffersOf([every(1_000, 1_000), every(1_000, 1_000)]);
  let count = 0;
  const read = (untilMs: number) =>
    buffers.read(untilMs, (run) => {
      count += run.length;
    });
  expect(read(50)).toBe(50);
  expect(count).toBe(2 * PER_PAGE);
  expect(read(50)).toBe(50);
  expect(count).toBe(2 * PER_PAGE);
  expect(read(150)).toBe(150);
  expect(count).toBe(4 * PER_PAGE);
  buffers.close();
});
