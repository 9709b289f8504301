/**
 * A transaction that has read wants to write while another one writes: it is refused at once, whatever the timeout,
 * because waiting could end in a deadlock. Once is enough: the program got the error.
 */
import type { RefusalLine, TransactionLine, WaitLine } from "../../lines.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import type { ReadThenWrite } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { RefusedAtOnce } from "./refused-at-once.ts";

export class ReadThenWriteRule implements PatternRule {
  readonly #byPath = new ByPath(() => new Evidence());
  readonly #atOnce: RefusedAtOnce;

  constructor(kinds: StatementKinds) {
    this.#atOnce = new RefusedAtOnce(kinds, (line, hadRead) => {
      if (hadRead) this.#byPath.of(line.path).add(line.pid, line.sql, line.waitedMs);
    });
  }

  wait(line: WaitLine): void {
    if (line.result !== "SQLITE_BUSY_SNAPSHOT") this.#atOnce.wait(line);
  }

  transaction(line: TransactionLine): void {
    this.#atOnce.transaction(line);
  }

  refusal(line: RefusalLine): void {
    if (line.why === "deadlock") this.#byPath.of(line.path).add(line.pid, line.sql, 0);
  }

  found(): ReadThenWrite[] {
    return [...this.#byPath]
      .filter(([, { times }]) => times > 0)
      .map(([path, { times, pids, sql }]) => ({
        ...{ id: "read-then-write", severity: "warning", sure: "proved", path, pids, sql },
        ...{ evidence: { refused: times }, fix: "begin-immediate", explain: "transaction" },
      }));
  }
}
