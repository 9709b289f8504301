/**
 * A transaction that has read wants to write while another one writes: it is refused at once, whatever the timeout,
 * because waiting could end in a deadlock. Once is enough: the program got the error. Where connections share the locks
 * of their process, it cannot be seen of each whether it had read: the same statement of the same process, or of
 * another one that is known to have a busy timeout, refused at once in the same way, is likely the same. So is one that
 * another connection of its own process refused at once after it had read: BEGIN IMMEDIATE would have waited for that.
 */
import type { RefusalLine, TransactionLine, WaitLine } from "../../lines.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import type { ReadThenWrite } from "../pattern.ts";
import { ByPath, Evidence, LISTED_PIDS, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";
import { OwnRefusals } from "./own-refusals.ts";
import { ReadSites } from "./read-sites.ts";
import { RefusedAtOnce } from "./refused-at-once.ts";
import type { Waiters } from "./waiters.ts";

const MOST_UNSURE = 5_000;

interface Unsure {
  readonly pid: number;
  readonly sql: string;
  times: number;
}

interface Refused {
  readonly proved: Evidence;
  /** By another connection of their own process. */
  readonly own: Evidence;
  readonly wrote: Sites;
  /** By statement: the processes where it is proved. */
  readonly statements: Map<string, Set<number>>;
  readonly unsure: Map<string, Unsure>;
}

export class ReadThenWriteRule implements PatternRule {
  readonly #byPath = new ByPath(
    (): Refused => ({
      ...{ proved: new Evidence(), own: new Evidence(), wrote: new Sites() },
      ...{ statements: new Map(), unsure: new Map() },
    }),
  );
  readonly #reads = new ReadSites();
  readonly #atOnce: RefusedAtOnce;
  readonly #own: OwnRefusals;
  readonly #waiters: Waiters;

  constructor(kinds: StatementKinds, waiters: Waiters) {
    this.#waiters = waiters;
    this.#atOnce = new RefusedAtOnce(kinds, (line, hadRead) => {
      if (hadRead) this.#prove(line, line.waitedMs);
      else if (line.sql !== null && (line.result === null || line.result === "SQLITE_BUSY")) this.#note(line, line.sql);
    });
    this.#own = new OwnRefusals(kinds, (line, hadRead) => {
      if (hadRead) this.#add(line, this.#byPath.of(line.path).own, 0);
    });
  }

  wait(line: WaitLine): void {
    if (line.result !== "SQLITE_BUSY_SNAPSHOT") this.#atOnce.wait(line);
  }

  transaction(line: TransactionLine): void {
    this.#atOnce.transaction(line);
    this.#own.transaction(line);
    this.#reads.transaction(line);
  }

  refusal(line: RefusalLine): void {
    if (line.why === "deadlock") this.#prove(line, 0);
    else this.#own.refusal(line);
  }

  found(): ReadThenWrite[] {
    this.#atOnce.end();
    this.#own.end();
    return [...this.#byPath].flatMap(([path, { proved, own, wrote, unsure }]) => {
      if (proved.times + own.times === 0) return [];
      const alike = [...unsure.values()].filter(({ pid, sql }) => this.explains(path, pid, sql));
      const likely = own.times + alike.reduce((sum, { times }) => sum + times, 0);
      const pids = new Set([...proved.pids, ...own.pids, ...alike.map(({ pid }) => pid)]);
      return [
        {
          ...{ id: "read-then-write", severity: "warning", sure: proved.times > 0 ? "proved" : "likely", path },
          ...{ pids: [...pids].slice(0, LISTED_PIDS), sql: proved.sql ?? own.sql },
          evidence: {
            ...{ refused: proved.times + likely, likely },
            ...{ ...known("readAt", this.#reads.of(path).most), ...known("wroteAt", wrote.most) },
          },
          ...{ fix: "begin-immediate", explain: "transaction" },
        } satisfies ReadThenWrite,
      ];
    });
  }

  /** A refusal at once of this statement is likely one of these. */
  explains(path: string, pid: number, sql: string | null): boolean {
    const proved = sql === null ? undefined : this.#byPath.of(path).statements.get(sql);
    return proved !== undefined && (proved.has(pid) || this.#waiters.has(pid));
  }

  #prove(line: WaitLine | RefusalLine, ms: number): void {
    const { path, pid, sql } = line;
    const refused = this.#byPath.of(path);
    this.#add(line, refused.proved, ms);
    if (sql === null) return;
    const pids = refused.statements.get(sql);
    if (pids === undefined) {
      if (refused.statements.size < MOST_UNSURE) refused.statements.set(sql, new Set([pid]));
    } else if (pids.size < MOST_UNSURE) pids.add(pid);
  }

  #add(line: WaitLine | RefusalLine, evidence: Evidence, ms: number): void {
    evidence.add(line.pid, line.sql, ms);
    this.#byPath.of(line.path).wrote.add(line.callSite);
    this.#reads.refused(line, line.type === "wait" ? line.fromMs : line.atMs);
  }

  #note({ path, pid }: WaitLine, sql: string): void {
    const { unsure } = this.#byPath.of(path);
    const key = `${pid} ${sql}`;
    const known = unsure.get(key);
    if (known !== undefined) known.times++;
    else if (unsure.size < MOST_UNSURE) unsure.set(key, { pid, sql, times: 1 });
  }
}
