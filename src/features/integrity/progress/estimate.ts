/**
 * How far a check is. integrity_check says nothing until it has ended: first it reads every page once, which shows in
 * what its process has read, and then it goes through the rows and looks each of them up in every index, which shows
 * nowhere. Pure.
 */

/** What there is to do, as far as the schema shows. */
export interface Plan {
  readonly bytes: number;
  readonly pages: number;
  /** Estimated from the greatest rowids. */
  readonly rows: number;
  /** Rows times indexes; 0 for quick_check. */
  readonly entries: number;
  /** Rows times foreign keys; 0 where they are left out. */
  readonly keys: number;
}

/** Where it is. */
export type Place =
  | { readonly stage: "copying"; readonly readBytes: number }
  | {
      readonly stage: "structure";
      readonly readBytes: number;
      readonly elapsedMs: number /** When all pages had been read. */;
      readonly pagesMs: number | null;
    }
  | { readonly stage: "foreign-keys"; readonly done: number; readonly total: number };

/** What each costs beside the others: measured on 770 MB of orders and items with five indexes. */
const COST = { copiedPage: 2, page: 6, row: 0.7, entry: 2, key: 1.2 } as const;

/** From 0 to 1, and 1 only when it has ended. */
export function fractionOf(plan: Plan, copies: boolean, place: Place): number {
  const copying = copies ? plan.pages * COST.copiedPage : 0;
  const pages = plan.pages * COST.page;
  const rows = plan.rows * COST.row + plan.entries * COST.entry;
  const keys = plan.keys * COST.key;
  const all = copying + pages + rows + keys;
  const share = (part: number) => Math.min(0.999, all === 0 ? 0 : part / all);
  const read = "readBytes" in place ? Math.min(1, place.readBytes / Math.max(1, plan.bytes)) : 1;
  switch (place.stage) {
    case "copying":
      return share(copying * read);
    case "foreign-keys":
      return share(copying + pages + rows + (keys * place.done) / Math.max(1, place.total));
    case "structure": {
      if (place.pagesMs === null) return share(copying + pages * read);
      const expectedMs = (place.pagesMs / Math.max(1, pages)) * rows;
      return share(copying + pages + rows * eased((place.elapsedMs - place.pagesMs) / Math.max(1, expectedMs)));
    }
  }
}

/** The estimate of the time may be wrong: the last part of it comes ever more slowly, and never to its end. */
function eased(x: number): number {
  return x < LINEAR ? x : 1 - (1 - LINEAR) * Math.exp((LINEAR - x) / (1 - LINEAR));
}

const LINEAR = 0.7;
