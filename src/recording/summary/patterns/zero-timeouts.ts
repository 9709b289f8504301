/** Connections that were opened with a busy timeout of 0, as the programs tell. Its memory is bounded. Pure. */
import type { CallSite } from "../../lines.ts";
import type { ConnectionLine } from "../../program/lines.ts";
import { ByPath, Evidence } from "../rule.ts";
import { Sites } from "../sites.ts";

const MOST_PIDS = 1_000;

interface Opened {
  readonly evidence: Evidence;
  readonly byPid: Map<number, Sites>;
  /** With whatever timeout. */
  all: number;
}

export class ZeroTimeouts {
  readonly #byPath = new ByPath((): Opened => ({ evidence: new Evidence(), byPid: new Map(), all: 0 }));

  connection({ path, pid, timeoutMs, openedAt, closed, times = 1 }: ConnectionLine): void {
    if (path === null || closed === "not-opened") return;
    const opened = this.#byPath.of(path);
    opened.all += times;
    if (timeoutMs !== 0) return;
    opened.evidence.add(pid, null, 0, times);
    let sites = opened.byPid.get(pid);
    if (sites === undefined) {
      sites = new Sites();
      if (opened.byPid.size < MOST_PIDS) opened.byPid.set(pid, sites);
    }
    sites.add(openedAt, times);
  }

  /** The line, of the first of these processes that has one. */
  openedAt(path: string, pids: readonly number[]): CallSite | null {
    const { byPid } = this.#byPath.of(path);
    for (const pid of pids) {
      const site = byPid.get(pid)?.first ?? null;
      if (site !== null) return site;
    }
    return null;
  }

  *[Symbol.iterator](): Generator<{ readonly path: string; readonly evidence: Evidence; readonly all: number }> {
    for (const [path, { evidence, all }] of this.#byPath) yield { path, evidence, all };
  }
}
