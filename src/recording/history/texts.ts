/** Long texts of statements, put back into the lines that have their number. Memory is bounded. Pure. */
import type { RecordingLine, SqlFacts, StatementLine, TransactionLine, WaitLine } from "../lines.ts";

/** In characters, of all texts together. */
const MOST = 64 * 1024 * 1024;

/** Of one file, or one run: numbers begin anew with each. */
export class StatementTexts {
  readonly #texts = new Map<number, string>();
  #length = 0;

  add({ id, sql }: StatementLine): void {
    this.#length += sql.length - (this.#texts.get(id)?.length ?? 0);
    this.#texts.delete(id);
    this.#texts.set(id, sql);
    for (const [oldest, text] of this.#texts) {
      if (this.#length <= MOST) return;
      this.#texts.delete(oldest);
      this.#length -= text.length;
    }
  }

  /** The line with whole texts, as far as they are known; the same object where it has no number. */
  restored(line: RecordingLine): RecordingLine {
    switch (line.type) {
      case "lock":
        return this.#one(line);
      case "wait":
        return this.#wait(line);
      case "transaction":
        return this.#transaction(line);
      case "refusal": {
        const { blockers } = line;
        return { ...this.#one(line), ...(blockers !== undefined && { blockers: this.#list(blockers) }) };
      }
      case "counts":
        return line.oneStatement === undefined ? line : { ...line, oneStatement: this.#list(line.oneStatement) };
      case "open":
        return {
          ...{ ...line, locks: this.#list(line.locks) },
          waits: line.waits.map((each) => this.#wait(each)),
          transactions: line.transactions.map((each) => this.#transaction(each)),
        };
      default:
        return line;
    }
  }

  #wait(line: WaitLine): WaitLine {
    return { ...this.#one(line), blockers: this.#list(line.blockers) };
  }

  #transaction(line: TransactionLine): TransactionLine {
    return { ...line, statements: this.#list(line.statements) };
  }

  #list<T extends SqlFacts>(list: readonly T[]): readonly T[] {
    return list.some(({ statement }) => statement !== undefined) ? list.map((each) => this.#one(each)) : list;
  }

  #one<T extends SqlFacts>(line: T): T {
    const { statement, ...rest } = line;
    if (statement === undefined) return line;
    const sql = this.#texts.get(statement);
    return (sql === undefined ? rest : { ...rest, sql }) as unknown as T;
  }
}
