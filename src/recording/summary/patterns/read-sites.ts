/** Of transactions that were refused to write: the lines at which they had read. Its memory is bounded. Pure. */
import type { TransactionLine } from "../../lines.ts";
import { ByPath } from "../rule.ts";
import { Sites } from "../sites.ts";

const MOST = 500;

interface Refused {
  readonly path: string;
  readonly pid: number;
  readonly tid: number;
  readonly atMs: number;
  /** Where the program tells of it: a thread may have several. */
  readonly connectionId?: number;
}

export class ReadSites {
  readonly #byPath = new ByPath(() => new Sites());
  /** Their transactions have not ended yet. */
  #open: Refused[] = [];

  refused({ path, pid, tid, connectionId }: Omit<Refused, "atMs">, atMs: number): void {
    this.#open.push({ path, pid, tid, atMs, ...(connectionId === undefined ? {} : { connectionId }) });
    if (this.#open.length > MOST) this.#open.shift();
  }

  transaction(line: TransactionLine): void {
    if (this.#open.length === 0) return;
    this.#open = this.#open.filter((refused) => {
      if (!isIn(refused, line)) return true;
      this.#byPath.of(line.path).add(line.program?.readAt);
      return false;
    });
  }

  of(path: string): Sites {
    return this.#byPath.of(path);
  }
}

function isIn({ path, pid, tid, atMs, connectionId }: Refused, line: TransactionLine): boolean {
  return (
    (connectionId === undefined || line.program?.connectionId === connectionId) &&
    line.pid === pid &&
    line.tid === tid &&
    line.path === path &&
    line.fromMs <= atMs &&
    (line.toMs === null || line.toMs >= atMs)
  );
}
