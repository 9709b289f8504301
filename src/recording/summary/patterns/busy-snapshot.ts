/**
 * A transaction in WAL mode read, another one committed, and then the first wanted to write: what it had read is no
 * longer the newest, and SQLite refuses at once. Once is enough: the program got the error.
 */
import type { RefusalLine, TransactionLine, WaitLine } from "../../lines.ts";
import type { BusySnapshot } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";
import { ReadSites } from "./read-sites.ts";

const RESULT = "SQLITE_BUSY_SNAPSHOT";

interface Refused {
  readonly evidence: Evidence;
  readonly wrote: Sites;
  proved: boolean;
}

export class BusySnapshotRule implements PatternRule {
  readonly #byPath = new ByPath((): Refused => ({ evidence: new Evidence(), wrote: new Sites(), proved: false }));
  readonly #reads = new ReadSites();

  wait(line: WaitLine): void {
    if (line.result === RESULT) this.#add(line, true);
  }

  refusal(line: RefusalLine): void {
    if (line.result === RESULT) this.#add(line, true);
    else if (line.why === "snapshot") this.#add(line, line.sure === "proved");
  }

  transaction(line: TransactionLine): void {
    this.#reads.transaction(line);
  }

  found(): BusySnapshot[] {
    return [...this.#byPath].map(([path, { evidence, wrote, proved }]) => ({
      ...{ id: "busy-snapshot", severity: "warning", sure: proved ? "proved" : "likely", path },
      ...{ pids: evidence.pids, sql: evidence.sql },
      evidence: {
        refused: evidence.times,
        ...{ ...known("readAt", this.#reads.of(path).most), ...known("wroteAt", wrote.most) },
      },
      ...{ fix: "begin-immediate", explain: "transaction" },
    }));
  }

  #add(line: WaitLine | RefusalLine, proved: boolean): void {
    const refused = this.#byPath.of(line.path);
    refused.evidence.add(line.pid, line.sql, 0);
    refused.wrote.add(line.callSite);
    this.#reads.refused(line, line.type === "wait" ? line.fromMs : line.atMs);
    refused.proved ||= proved;
  }
}
