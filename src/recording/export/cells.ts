/** What many rows have in common: numbers, times, who, and which statement at which line. Pure. */
import type { HistoryFacts } from "../history/history.ts";
import type { CallSite, SqlFacts } from "../lines.ts";
import { Ids, type Named, type Put } from "./ids.ts";
import type { Cell, TableName } from "./tables.ts";
import type { WallTexts } from "./wall-texts.ts";

export class Cells {
  /** It takes a row; of a process it may take another one with the same id, which is valid then. */
  readonly put: Put;
  readonly ids: Ids;
  readonly #facts: HistoryFacts;
  readonly #wall: WallTexts;
  /** The last id of each table. */
  readonly #last = new Map<TableName, number>();

  constructor(facts: HistoryFacts, wall: WallTexts, put: Put) {
    this.put = put;
    this.ids = new Ids(put);
    this.#facts = facts;
    this.#wall = wall;
  }

  /** The id of the next row. */
  next(table: TableName): number {
    const id = (this.#last.get(table) ?? 0) + 1;
    this.#last.set(table, id);
    return id;
  }

  who(who: Named & { readonly tid: number }) {
    return { process_id: this.ids.process(who), tid: who.tid };
  }

  from(atMs: number) {
    const { utc, local } = this.#wall.of(atMs);
    return { from_ms: atMs, from_utc: utc, from_local: local };
  }

  /** Null: it had not ended. */
  to(atMs: number | null): Readonly<Record<"to_ms" | "to_utc" | "to_local", Cell>> {
    if (atMs === null) return { to_ms: null, to_utc: null, to_local: null };
    const { utc, local } = this.#wall.of(atMs);
    return { to_ms: atMs, to_utc: utc, to_local: local };
  }

  at(atMs: number) {
    const { utc, local } = this.#wall.of(atMs);
    return { at_ms: atMs, at_utc: utc, at_local: local };
  }

  sql({ sql, sqlBytes }: SqlFacts) {
    return { statement_id: this.ids.statement(sql), sql_bytes: sqlBytes ?? null };
  }

  code(site: CallSite | null) {
    return { code_line_id: this.ids.codeLine(site), thread: site?.thread ?? null, task: site?.task ?? null };
  }

  /** For how long: of what had not ended until the end of its run. */
  lengthOf({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number | null }): number {
    const { runs, toMs: endMs } = this.#facts;
    return (toMs ?? runs.findLast((run) => run.fromMs <= fromMs)?.toMs ?? endMs) - fromMs;
  }
}

export function flag(value: boolean | undefined): 0 | 1 {
  return value === true ? 1 : 0;
}
