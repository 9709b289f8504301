/**
 * Connections that a line of code opened, and that nobody closed. Each one that the program dropped counts: it lives
 * until the garbage is collected, with its locks and files. Those that are open at the end count from 20 on in one
 * process: below, it is a pool (SQLAlchemy's has up to 15 connections), one per thread, or what a script leaves to its
 * end.
 */
import type { UnknownLine } from "../../lines.ts";
import type { ConnectionLine } from "../../program/lines.ts";
import { siteKey } from "../../program/repeated.ts";
import type { NeverClosed } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";

const MANY = 20;
const MOST_LINES = 500;
/** Of one database. */
const TOLD = 3;

interface Opened {
  readonly openedAt: Sites;
  /** By process. */
  readonly opened: Map<number, number>;
  collected: number;
  /** By process. */
  readonly leftOpen: Map<number, number>;
  readonly evidence: Evidence;
}

export class NeverClosedRule implements PatternRule {
  /** By the line that opened them. */
  readonly #byPath = new ByPath(() => new Map<string, Opened>());
  /** Messages were lost: that of a close may be among them. */
  readonly #lost = new Set<number>();

  connection({ path, memory, closed, openedAt, pid, times = 1, inherited }: ConnectionLine): void {
    if (closed === "not-opened" || inherited === true) return;
    const opened = this.#opened(path ?? memory ?? ":memory:", openedAt);
    if (opened === null) return;
    opened.opened.set(pid, (opened.opened.get(pid) ?? 0) + times);
    opened.openedAt.add(openedAt, times);
    if (closed === "closed") return;
    if (closed === "collected") opened.collected += times;
    else opened.leftOpen.set(pid, (opened.leftOpen.get(pid) ?? 0) + times);
    opened.evidence.add(pid, null, 0, times);
  }

  unknown({ what, why, pids }: UnknownLine): void {
    if (what === "call-site" && why === "messages-lost") for (const pid of pids) this.#lost.add(pid);
  }

  found(): NeverClosed[] {
    return [...this.#byPath].flatMap(([path, lines]) =>
      [...lines.values()]
        .map((each) => ({ ...each, left: leftOf(each) }))
        .filter(({ collected, left }) => collected + left > 0)
        .sort((a, b) => b.collected + b.left - a.collected - a.left)
        .slice(0, TOLD)
        .map(({ opened: byPid, collected, left, openedAt, evidence }): NeverClosed => {
          // processes that have closed all of theirs are not among those that are named
          const opened = evidence.pids.reduce((sum, pid) => sum + (byPid.get(pid) ?? 0), 0);
          const isSure = !evidence.pids.some((pid) => this.#lost.has(pid));
          return {
            ...{ id: "never-closed", severity: collected + left >= MANY ? "warning" : "info", path },
            ...{ sure: isSure ? "proved" : "likely", pids: evidence.pids, sql: null },
            evidence: { opened, collected, leftOpen: left, ...known("openedAt", openedAt.first) },
            ...{ fix: "close-connections", explain: "idle" },
          };
        }),
    );
  }

  #opened(path: string, openedAt: ConnectionLine["openedAt"]): Opened | null {
    const lines = this.#byPath.of(path);
    const key = siteKey(openedAt);
    const opened = lines.get(key);
    if (opened !== undefined) return opened;
    if (lines.size >= MOST_LINES) return null;
    const made = {
      openedAt: new Sites(),
      opened: new Map(),
      collected: 0,
      leftOpen: new Map(),
      evidence: new Evidence(),
    };
    lines.set(key, made);
    return made;
  }
}

function leftOf({ leftOpen, collected }: Opened): number {
  // of those that are dropped, the last ones are still there at the end
  const least = collected > 0 ? 1 : MANY;
  return [...leftOpen.values()].filter((many) => many >= least).reduce((sum, many) => sum + many, 0);
}
