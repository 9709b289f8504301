/** What makes a recording fail (--fail-on): each kind of problem, by the lines of code that had it. Pure. */
import { UserError } from "../../errors.ts";
import type { BlockerFact, MetaLine, RecordingLine, RefusalLine, WaitLine } from "../../recording/lines.ts";
import { siteKey } from "../../recording/program/repeated.ts";
import { isBusy } from "../../recording/summary/ended.ts";
import { PATTERN_IDS, type Pattern, type PatternId } from "../../recording/summary/pattern.ts";
import type { SummaryLine } from "../../recording/summary-line.ts";

/** `warnings`: refused calls, and every pattern that is a warning. */
export const FAIL_REASONS = ["warnings", "refusals", "waits", ...PATTERN_IDS] as const;
export type FailReason = (typeof FAIL_REASONS)[number];

/** Of one line of code, behind one other. */
export interface CallProblem {
  readonly type: "refusals" | "waits";
  readonly line: RefusalLine | WaitLine;
  readonly blocker: BlockerFact | null;
  readonly times: number;
  readonly longestMs: number;
}

export type Problem = CallProblem | { readonly type: "pattern"; readonly pattern: Pattern };

/** Why that there is no problem proves nothing. */
export type NoAnswer = "not-seen" | "not-told" | "not-traced" | "lost";

const MOST = 100;

/** @throws UserError */
export function parseFailOn(text: string): FailReason[] {
  const words = text.split(",").map((word) => word.trim());
  const unknown = words.find((word) => !(FAIL_REASONS as readonly string[]).includes(word));
  if (unknown !== undefined)
    throw new UserError(
      "usage",
      `--fail-on ${JSON.stringify(unknown)} is not known`,
      `give one of these, or several with commas between: ${FAIL_REASONS.join(", ")}`,
    );
  return words as FailReason[];
}

export class Problems {
  readonly #reasons: ReadonlySet<FailReason>;
  readonly #minWaitMs: number;
  readonly #calls = new Map<string, CallProblem>();

  constructor(reasons: readonly FailReason[], minWaitMs: number) {
    this.#reasons = new Set(reasons);
    this.#minWaitMs = minWaitMs;
  }

  add(line: RecordingLine): void {
    if (line.type === "refusal" && isRefused(line.result)) this.#refused(line, line.callMs);
    else if (line.type !== "wait") return;
    else if (line.outcome === "gave-up" && isRefused(line.result ?? "SQLITE_BUSY")) this.#refused(line, line.waitedMs);
    else if (this.#reasons.has("waits") && line.waitedMs >= this.#minWaitMs) this.#add("waits", line, line.waitedMs);
  }

  found({ patterns }: SummaryLine): Problem[] {
    const wanted = patterns.filter(({ id, severity }) => this.#wants(id) || (this.#warns && severity !== "info"));
    return [...this.#calls.values(), ...wanted.map((pattern) => ({ type: "pattern", pattern }) as const)];
  }

  get #warns(): boolean {
    return this.#reasons.has("warnings");
  }

  #wants(id: PatternId): boolean {
    return this.#reasons.has(id);
  }

  #refused(line: RefusalLine | WaitLine, ms: number): void {
    if (this.#warns || this.#reasons.has("refusals")) this.#add("refusals", line, ms);
  }

  #add(type: CallProblem["type"], line: RefusalLine | WaitLine, ms: number): void {
    const blocker = line.blockers?.[0] ?? null;
    const key = [type, line.path, line.pid, siteKey(line.callSite), siteKey(blocker?.callSite ?? null)].join("\n");
    const known = this.#calls.get(key);
    if (known !== undefined)
      this.#calls.set(key, { ...known, times: known.times + 1, longestMs: Math.max(known.longestMs, ms) });
    else if (this.#calls.size < MOST) this.#calls.set(key, { type, line, blocker, times: 1, longestMs: ms });
  }
}

function isRefused(result: string): boolean {
  return isBusy(result) || result.startsWith("SQLITE_LOCKED");
}

/** Null: the recording would have shown a problem. */
export function noAnswerOf(meta: MetaLine, { atLeast, unknown, connections = [] }: SummaryLine): NoAnswer | null {
  if (meta.exact) return atLeast ? "lost" : null;
  if (meta.callSites !== true) return "not-seen";
  if (connections.length === 0) return "not-told";
  return unknown.lines.some(({ what }) => what === "call-site") ? "not-traced" : null;
}
