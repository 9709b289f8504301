/** Where the programs opened their connections, and how these ended. Its memory is bounded. Pure. */
import type { ConnectionLine } from "../program/lines.ts";
import { siteKey } from "../program/repeated.ts";
import type { ConnectionSummary } from "../summary-line.ts";
import { Sites } from "./sites.ts";

const MOST = 2_000;
const MOST_PIDS = 1_000;

interface Opened {
  /** The first one. */
  readonly line: ConnectionLine;
  readonly openedAt: Sites;
  readonly pids: Set<number>;
  readonly ended: Record<ConnectionLine["closed"], number>;
}

export class ConnectionTally {
  readonly #byLine = new Map<string, Opened>();
  #more = 0;

  add(line: ConnectionLine): void {
    const key = [line.path, line.memory, line.driver, siteKey(line.openedAt)].join("\n");
    let opened = this.#byLine.get(key);
    if (opened === undefined) {
      if (this.#byLine.size >= MOST) {
        this.#more += 1;
        return;
      }
      const ended = { closed: 0, collected: 0, open: 0, "process-ended": 0, "not-opened": 0 };
      opened = { line, openedAt: new Sites(), pids: new Set(), ended };
      this.#byLine.set(key, opened);
    }
    opened.openedAt.add(line.openedAt);
    opened.ended[line.closed] += line.times ?? 1;
    if (opened.pids.size < MOST_PIDS) opened.pids.add(line.pid);
  }

  /** Those of which most were not closed first. */
  summary(most: number): { readonly connections?: readonly ConnectionSummary[]; readonly moreConnections?: number } {
    if (this.#byLine.size === 0) return {};
    const all = [...this.#byLine.values()].map(summaryOf).sort((a, b) => weightOf(b) - weightOf(a));
    return { connections: all.slice(0, most), moreConnections: Math.max(0, all.length - most) + this.#more };
  }
}

function summaryOf({ line: { path, memory, driver }, openedAt: sites, pids, ended }: Opened): ConnectionSummary {
  const { closed, collected, open, "process-ended": processEnded, "not-opened": notOpened } = ended;
  const openedAt = sites.first;
  const opened = closed + collected + open + processEnded;
  return {
    ...{
      path,
      memory,
      driver,
      openedAt,
      processes: pids.size,
      opened,
      closed,
      collected,
      open,
      processEnded,
      notOpened,
    },
  };
}

function weightOf({ opened, closed, collected, notOpened }: ConnectionSummary): number {
  return (opened - closed + collected + notOpened) * 1e6 + opened;
}
