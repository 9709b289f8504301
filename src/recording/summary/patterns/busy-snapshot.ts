/**
 * A transaction in WAL mode read, another one committed, and then the first wanted to write: what it had read is no
 * longer the newest, and SQLite refuses at once. Once is enough: the program got the error.
 */
import type { RefusalLine, WaitLine } from "../../lines.ts";
import type { BusySnapshot } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";

const RESULT = "SQLITE_BUSY_SNAPSHOT";

interface Refused {
  readonly evidence: Evidence;
  proved: boolean;
}

export class BusySnapshotRule implements PatternRule {
  readonly #byPath = new ByPath((): Refused => ({ evidence: new Evidence(), proved: false }));

  wait(line: WaitLine): void {
    if (line.result === RESULT) this.#add(line, true);
  }

  refusal(line: RefusalLine): void {
    if (line.result === RESULT) this.#add(line, true);
    else if (line.why === "snapshot") this.#add(line, line.sure === "proved");
  }

  found(): BusySnapshot[] {
    return [...this.#byPath].map(([path, { evidence, proved }]) => ({
      ...{ id: "busy-snapshot", severity: "warning", sure: proved ? "proved" : "likely", path },
      ...{ pids: evidence.pids, sql: evidence.sql, evidence: { refused: evidence.times } },
      ...{ fix: "begin-immediate", explain: "transaction" },
    }));
  }

  #add({ path, pid, sql }: WaitLine | RefusalLine, proved: boolean): void {
    const refused = this.#byPath.of(path);
    refused.evidence.add(pid, sql, 0);
    refused.proved ||= proved;
  }
}
