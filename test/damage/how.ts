/** How sqlock checked the indexes, as its document has it: whether a run proves anything about the comparison. */
import type { DatabaseCheck } from "../../src/features/integrity/report.ts";

export interface How {
  /** `exact`: integrity_check alone; `quick`: quick_check alone; `merged`: table and index were compared. */
  readonly way: string;
  /** Indexes compared with their tables. */
  readonly merged: number;
  /** Tables or indexes that integrity_check was run for. */
  readonly byPragma: number;
}

/** Null where the document does not say it: it was not checked. */
export function howOf({ checks }: Pick<DatabaseCheck, "checks">): How | null {
  const structure: { readonly name: string; readonly how?: How | null } | undefined = checks.find(
    ({ name }) => name === "structure",
  );
  return structure?.how ?? null;
}

/** What became of the databases with one damage. */
export interface Tally {
  databases: number;
  /** Databases of which at least one index was compared. */
  merged: number;
  /** Of those: integrity_check ran for a table. */
  byPragma: number;
  corrupt: number;
}

export class Tallies {
  readonly #byDamage = new Map<string, Tally>();
  /** Indexes, of all databases. */
  merged = 0;

  add(damages: readonly string[], entry: Pick<DatabaseCheck, "checks" | "verdict">): void {
    const how = howOf(entry);
    this.merged += how?.merged ?? 0;
    for (const name of damages.length === 0 ? ["none"] : damages) {
      const tally = this.#byDamage.get(name) ?? { databases: 0, merged: 0, byPragma: 0, corrupt: 0 };
      this.#byDamage.set(name, tally);
      tally.databases++;
      if (how !== null && how.merged > 0) {
        tally.merged++;
        if (how.byPragma > 0) tally.byPragma++;
      }
      if (entry.verdict === "corrupt") tally.corrupt++;
    }
  }

  lines(): string[] {
    const head = "databases  merged  PRAGMA too  corrupt  damage";
    const rows = [...this.#byDamage]
      .toSorted()
      .map(([name, { databases, merged, byPragma, corrupt }]) =>
        [
          String(databases).padStart(9),
          String(merged).padStart(8),
          String(byPragma).padStart(12),
          String(corrupt).padStart(9),
          `  ${name}`,
        ].join(""),
      );
    return [head, ...rows, `${this.merged} indexes compared with their tables`];
  }
}
