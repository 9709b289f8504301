/** Kinds of statements, remembered: a recording has few texts and many statements. Pure. */
import { changesData, controlsTransaction, endsTransaction, kindOf, type StatementKind } from "./kind.ts";

const MOST = 5_000;

export class StatementKinds {
  readonly #kinds = new Map<string, StatementKind>();

  of(sql: string): StatementKind {
    const known = this.#kinds.get(sql);
    if (known !== undefined) return known;
    const kind = kindOf(sql);
    if (this.#kinds.size >= MOST) this.#kinds.clear();
    this.#kinds.set(sql, kind);
    return kind;
  }

  /** What a transaction began with, but for a plain BEGIN. Null: its beginning was not seen, or has no text. */
  firstOf(statements: readonly { readonly sql: string | null }[]): string | null {
    const [first = null, second = null] = statements.map(({ sql }) => sql);
    if (first === null || endsTransaction(this.of(first))) return null;
    return this.of(first) === "begin" && second !== null && !endsTransaction(this.of(second)) ? second : first;
  }

  /** The statement that changes data, of a transaction that has no other but its begin and end; else null. */
  onlyChange<T extends { readonly sql: string | null; readonly times?: number }>(transaction: {
    readonly statements: readonly T[];
    readonly moreStatements: number;
  }): T | null {
    const { statements, moreStatements } = transaction;
    if (moreStatements > 0 || statements.length > 3) return null;
    let only: T | null = null;
    for (const statement of statements) {
      const { sql, times } = statement;
      if (sql === null) return null;
      const kind = this.of(sql);
      if (controlsTransaction(kind)) continue;
      if (only !== null || !changesData(kind) || (times ?? 1) > 1) return null;
      only = statement;
    }
    return only;
  }
}
