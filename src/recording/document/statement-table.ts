/** Long texts of statements stand once in the document: other lines have their beginning, and their number. Pure. */
import type { RecordingLine, SqlFacts, StatementLine } from "../lines.ts";
import { isCut } from "../sql/fingerprint.ts";

/** In characters. Up to here a text costs no more than a second look at another line would. */
const LONG = 200;
/** So many are remembered; then the same text may stand a second time, with a new number. */
const MOST = 10_000;

export class StatementTable {
  readonly #numbers = new Map<string, number>();
  readonly #write: (line: StatementLine) => void;
  #last = 0;
  #nowMs = 0;

  constructor(write: (line: StatementLine) => void) {
    this.#write = write;
  }

  /** Another file begins: it has its texts again. */
  beginFile(): void {
    this.#numbers.clear();
  }

  /** The line with short texts; the same object where it has no long one. Writes new texts first. */
  shortened(line: RecordingLine, nowMs: number): RecordingLine {
    this.#nowMs = nowMs;
    switch (line.type) {
      case "lock":
        return this.#short(line);
      case "refusal": {
        const { blockers } = line;
        return { ...this.#short(line), ...(blockers === undefined ? {} : { blockers: this.#list(blockers) }) };
      }
      case "wait":
        return { ...this.#short(line), blockers: this.#list(line.blockers) };
      case "transaction":
        return { ...line, statements: this.#list(line.statements) };
      case "counts":
        return line.oneStatement === undefined ? line : { ...line, oneStatement: this.#list(line.oneStatement) };
      case "open":
        return {
          ...line,
          locks: this.#list(line.locks),
          waits: line.waits.map((wait) => ({ ...this.#short(wait), blockers: this.#list(wait.blockers) })),
          transactions: line.transactions.map((each) => ({ ...each, statements: this.#list(each.statements) })),
        };
      default:
        return line;
    }
  }

  #list<T extends SqlFacts>(list: readonly T[]): readonly T[] {
    return list.some(({ sql }) => sql !== null && sql.length > LONG) ? list.map((each) => this.#short(each)) : list;
  }

  #short<T extends SqlFacts>(line: T): T {
    const { sql } = line;
    if (sql === null || sql.length <= LONG) return line;
    return { ...line, sql: beginning(sql), statement: this.#numberOf(sql, line) };
  }

  #numberOf(sql: string, { sqlBytes, sqlBytesAtLeast }: SqlFacts): number {
    const known = this.#numbers.get(sql);
    if (known !== undefined) return known;
    if (this.#numbers.size >= MOST) this.#numbers.clear();
    const id = ++this.#last;
    this.#numbers.set(sql, id);
    const bytes = sqlBytes === undefined ? {} : { bytes: sqlBytes };
    const atLeast = sqlBytesAtLeast === undefined ? {} : { bytesAtLeast: sqlBytesAtLeast };
    const line = { type: "statement", id, atMs: this.#nowMs, sql, length: sql.length, cut: isCut(sql) } as const;
    this.#write({ ...line, ...bytes, ...atLeast });
    return id;
  }
}

/** Never half of a character. */
function beginning(sql: string): string {
  const end = sql.charCodeAt(LONG - 1) >>> 10 === 0x36 ? LONG - 1 : LONG;
  return `${sql.slice(0, end)} …`;
}
