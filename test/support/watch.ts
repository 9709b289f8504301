/** `sqlock watch --json`, as a user runs it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { expect, onTestFinished } from "vitest";
import type { HolderSummary, WatchEvent, WatchSummary } from "../../src/features/watch/event.ts";
import { expectToFit } from "./schema.ts";
import { BIN, NODE } from "./sqlock.ts";
import { until } from "./until.ts";

/** As a line has it. */
export type Line = Omit<WatchEvent, "at"> & { readonly at: string };
export type LastLine = Omit<WatchSummary, "at"> & { readonly at: string };

export interface Watched {
  readonly code: number | null;
  readonly events: readonly Line[];
  readonly summary: LastLine;
}

export class Watcher {
  readonly pid: number;
  /** All so far. */
  readonly lines: (Line | LastLine)[] = [];
  readonly #child;
  readonly #ended: Promise<number | null>;

  /** `stderr`: a descriptor; the test's own where it is left out. */
  constructor(args: readonly string[], stderr: number | "inherit" = "inherit") {
    this.#child = spawn(NODE, [BIN, "watch", "--json", ...args], { stdio: ["ignore", "pipe", stderr] });
    this.pid = this.#child.pid ?? 0;
    createInterface({ input: this.#child.stdout as Readable }).on("line", (line) => {
      this.lines.push(JSON.parse(line) as Line | LastLine);
    });
    this.#ended = once(this.#child, "close").then(([code]) => code as number | null);
    onTestFinished(async () => {
      this.#child.kill("SIGKILL");
      await this.#ended;
    });
  }

  get events(): Line[] {
    return this.lines.filter((line): line is Line => line.event !== "summary");
  }

  /** What `atLeast` is of a hold that began and ended while it watched: on a busy machine there may be a gap in it. */
  get exact(): unknown {
    return this.events.some(({ event }) => event === "gap") ? expect.any(Boolean) : false;
  }

  /** Waits for a line with these fields, counted from the beginning. */
  async sees(fields: Partial<Line>): Promise<Line> {
    const wanted = Object.entries(fields);
    return until(`watch tells ${JSON.stringify(fields)}`, () =>
      this.events.find((event) => wanted.every(([key, value]) => event[key as keyof Line] === value)),
    );
  }

  /** Waits for its end, after this signal or by itself. Every line is held against the schema. */
  async ends(signal?: NodeJS.Signals): Promise<Watched> {
    if (signal !== undefined) this.#child.kill(signal);
    const code = await this.#ended;
    for (const line of this.lines) expectToFit("watch", line);
    const summary = this.lines.at(-1);
    if (summary?.event !== "summary") throw new Error(`no summary: ${JSON.stringify(summary)}`);
    return { code, events: this.events, summary };
  }
}

/** Starts it, and waits until it reads the locks: what happens from then on is seen. */
export async function startWatch(...args: string[]): Promise<Watcher> {
  const watcher = new Watcher(args);
  await watcher.sees({ event: "watching" });
  return watcher;
}

export function holderIn(summary: LastLine, pid: number, lock: string): HolderSummary {
  const found = summary.holders.find((holder) => holder.pid === pid && holder.lock === lock);
  if (found === undefined) throw new Error(`${pid} has no ${lock} in ${JSON.stringify(summary.holders)}`);
  return found;
}
