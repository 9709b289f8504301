import { expect, onTestFinished, test } from "vitest";
import { Recorder } from "../../../../src/features/record/recorder.ts";
import type { LineInterpreter, LineTally, RecordListener } from "../../../../src/features/record/recorder-parts.ts";
import { SegmentOutput } from "../../../../src/features/record/segments/segment-output.ts";
import { recordSettings } from "../../../../src/features/record/settings.ts";
import { Folder } from "../../../../src/recording/document/folder.ts";
import type { RecordingSource } from "../../../../src/recording/source.ts";
import { metaLine } from "../../../support/recording.ts";
import { tempFolder } from "../../../support/temp.ts";
import { until } from "../../../support/until.ts";

/** Of now, all is known until half a second before. */
class LateSource implements RecordingSource {
  readonly kind = "kernel";
  readonly startNs = 0n;
  readonly ready = Promise.resolve();
  readonly #startMs = performance.now();
  get nowMs() {
    return 100_000 + performance.now() - this.#startMs;
  }
  started() {}
  follow() {}
  abandon() {}
  drain() {
    return this.nowMs - 500;
  }
  async stop() {
    return this.nowMs;
  }
}

test("what is open is told as of the moment until which all is known", async () => {
  const folder = tempFolder();
  const segments = new SegmentOutput({ path: folder, keepMs: 3_600_000, maxBytes: 1e6 });
  const source = new LateSource();
  const lateMs: number[] = [];
  const lines: LineInterpreter = {
    next: () => {},
    tick: () => {},
    end: () => {},
    live: () => ({ waits: [], transactions: 0 }),
    open: (atMs) => {
      lateMs.push(source.nowMs - atMs);
      return { type: "open", atMs, locks: [], waits: [], transactions: [] };
    },
    isRunning: () => false,
    beginFile: () => {},
    started: () => {},
    environment: (env) => env,
    abandon: () => {},
  };
  const tally = { add: () => {}, ends: () => {}, summary: () => ({ type: "summary" }) } as unknown as LineTally;
  const listener = new Proxy({}, { get: () => () => undefined }) as RecordListener;
  const recorder = new Recorder(
    recordSettings({ keep: "1h", output: folder }, null, [0]),
    {
      ...{ source, tally, output: segments, segments, untraceable: null, meta: metaLine() },
      lines: () => lines,
      folder: (write) => new Folder({ minWaitMs: 10, redact: false }, write),
    },
    listener,
  );
  onTestFinished(() => recorder.abort());
  await until("it was told twice", () => lateMs.length > 1);
  expect(lateMs[1]).toBeGreaterThan(490);
  // a drain, and what the machine has to do beside it
  expect(lateMs[1]).toBeLessThan(5_000);
});
