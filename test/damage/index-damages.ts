/** Damage to single records of indexes and tables. Pages stay well formed and counts of entries mostly the same: only a
 * comparison of table and index can find it. */
import type { ByteDamage } from "./byte-damages.ts";
import { ENTRY_DAMAGES, ROWID_DAMAGES } from "./entry-damages.ts";
import { TREE_DAMAGES } from "./page-damages.ts";
import { PAIR_DAMAGES, ROWID_PAIR_DAMAGES } from "./pair-damages.ts";
import { ROW_DAMAGES } from "./row-damages.ts";
import { VALUE_CHANGES } from "./value-changes.ts";
import { EQUAL_VALUES, valueDamages } from "./value-damages.ts";

/** Each kind is as likely as the others in a recipe. */
export const KINDS_OF_INDEX_DAMAGE: readonly (readonly ByteDamage[])[] = [
  ENTRY_DAMAGES,
  [...ROWID_DAMAGES, ...ROWID_PAIR_DAMAGES],
  valueDamages(EQUAL_VALUES),
  valueDamages(Object.keys(VALUE_CHANGES).filter((name) => !EQUAL_VALUES.includes(name))),
  [...PAIR_DAMAGES, ...TREE_DAMAGES],
  ROW_DAMAGES,
];

export const INDEX_DAMAGES = KINDS_OF_INDEX_DAMAGE.flat();
