/** How far one check is: by what its worker sends, and by what its process has read. */
import { readFileSync } from "node:fs";
import type { Stage } from "../protocol.ts";
import type { ProgressListener } from "../run-worker.ts";
import { fractionOf, type Plan, type Position } from "./estimate.ts";

/** With nothing read for so long, all pages have been read: the rest was in the cache, or is free. */
const NOTHING_READ_MS = 1000;

/** What the worker does. */
export type Step =
  | { readonly kind: "opening" | "copying" | "pages" | "rows" }
  /** `table` and `index`: from 1. */
  | { readonly kind: "indexes"; readonly index: number; readonly indexes: number }
  | { readonly kind: "foreign-keys"; readonly table: number; readonly tables: number };

export class CheckProgress implements ProgressListener {
  #pid: number | null = null;
  #plan: Plan | null = null;
  #stage: Stage | null = null;
  #done = 0;
  #total = 0;
  #copied = false;
  /** When the stage began, and what had been read until then. */
  #since = 0;
  #readBefore = 0;
  #pagesMs: number | null = null;
  #lastRead = { bytes: 0, ms: 0 };
  #ended = false;
  #most = 0;

  started(pid: number): void {
    this.#pid = pid;
    this.#plan = null;
    this.#stage = null;
    this.#copied = false;
    this.#most = 0;
  }

  plan(plan: Plan): void {
    this.#plan = plan;
  }

  merges(us: readonly number[]): void {
    if (this.#plan !== null) this.#plan = { ...this.#plan, merges: us };
  }

  stage(stage: Stage, done: number, total: number | null): void {
    if (stage !== this.#stage) {
      this.#since = performance.now();
      this.#readBefore = this.#readBytes();
      this.#pagesMs = null;
      this.#lastRead = { bytes: 0, ms: 0 };
    }
    this.#stage = stage;
    this.#done = done;
    this.#total = total ?? 0;
    this.#copied ||= stage === "copying";
  }

  ended(): void {
    this.#ended = true;
  }

  get running(): boolean {
    return this.#pid !== null && !this.#ended;
  }

  get fraction(): number {
    if (this.#ended) return 1;
    if (this.#plan === null || this.#stage === null) return 0;
    const fraction = fractionOf(this.#plan, this.#copied, this.#position(this.#stage, this.#plan));
    this.#most = Math.max(this.#most, fraction); // an estimate by time may have been too high
    return this.#most;
  }

  get step(): Step {
    if (this.#stage === "foreign-keys") return { kind: "foreign-keys", table: this.#done + 1, tables: this.#total };
    if (this.#stage === "indexes") return { kind: "indexes", index: this.#done + 1, indexes: this.#total };
    if (this.#stage === null) return { kind: "opening" };
    if (this.#stage === "copying") return { kind: "copying" };
    return { kind: this.#pagesMs === null ? "pages" : "rows" };
  }

  #position(stage: Stage, plan: Plan): Position {
    const { done, total } = { done: this.#done, total: this.#total };
    if (stage === "foreign-keys") return { stage, done, total };
    if (stage === "indexes") return { stage, done, elapsedMs: performance.now() - this.#since };
    const readBytes = this.#readBytes() - this.#readBefore;
    if (stage === "copying") return { stage, readBytes };
    const elapsedMs = performance.now() - this.#since;
    if (this.#pagesMs === null) {
      if (readBytes > this.#lastRead.bytes) this.#lastRead = { bytes: readBytes, ms: elapsedMs };
      if (readBytes >= plan.bytes || elapsedMs - this.#lastRead.ms > NOTHING_READ_MS)
        this.#pagesMs = Math.max(1, this.#lastRead.ms);
    }
    return { stage, readBytes, elapsedMs, pagesMs: this.#pagesMs };
  }

  /** What read(2), pread(2), copy_file_range(2) and their kin have brought. Source: proc_pid_io(5). */
  #readBytes(): number {
    if (this.#pid === null) return 0;
    try {
      return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${this.#pid}/io`, "latin1"))?.[1] ?? 0);
    } catch {
      return 0; // it has ended
    }
  }
}
