/** The findings of a database, those that were over a moment ago too, so that they can be read. Pure. */
import type { Finding } from "../../model/report.ts";

export interface FindingView {
  /** Of the database. */
  readonly path: string;
  readonly finding: Finding;
  /** From when on it was no longer so, in ms; null while it is. */
  readonly overMs: number | null;
}

/** For so long one that is over is shown, in ms. */
const OVER_SHOWN_MS = 10_000;

export class SeenFindings {
  readonly #path: string;
  #now: readonly FindingView[] = [];
  #over: readonly FindingView[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  addLook(findings: readonly Finding[], atMs: number): void {
    const isNow = ({ finding }: FindingView) => findings.some((now) => isSame(now, finding));
    const ended = this.#now.filter((view) => !isNow(view)).map((view) => ({ ...view, overMs: atMs }));
    this.#over = [...this.#over.filter((view) => !isNow(view)), ...ended];
    this.#now = findings.map((finding) => ({ path: this.#path, finding, overMs: null }));
  }

  /** Those that are over come last. */
  at(nowMs: number): readonly FindingView[] {
    this.#over = this.#over.filter(({ overMs }) => overMs !== null && overMs > nowMs - OVER_SHOWN_MS);
    return [...this.#now, ...this.#over];
  }
}

/** The same thing, of one of the same processes at least. */
export function isSame(a: Finding, b: Finding): boolean {
  if (a.id !== b.id) return false;
  return (a.pids.length === 0 && b.pids.length === 0) || a.pids.some((pid) => b.pids.includes(pid));
}
