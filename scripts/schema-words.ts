/** The lists of words in the published schemas, which the program's own tables have. Pure. */
import { FINDING_IDS } from "../src/features/explain/finding-pages/index.ts";
import { ACTIVITIES, BLOCKS, LOCK_NAMES } from "../src/sqlite/locks.ts";
import { ROLES } from "../src/sqlite/roles.ts";

/** By schema: where in it, as a path of keys, and the words. */
const LISTS: Readonly<Record<string, readonly { readonly at: string; readonly words: readonly string[] }[]>> = {
  "docs/who-holds.schema.json": [
    { at: "$defs/role/enum", words: ROLES },
    { at: "$defs/lock/properties/name/enum", words: LOCK_NAMES },
    { at: "$defs/holder/properties/activity/enum", words: [...ACTIVITIES, "unknown"] },
    { at: "$defs/holder/properties/blocks/items/enum", words: BLOCKS },
    { at: "$defs/blocker/properties/effect/enum", words: BLOCKS },
  ],
  "docs/watch.schema.json": [
    { at: "$defs/role/enum", words: ROLES },
    { at: "$defs/lockName/enum", words: LOCK_NAMES },
  ],
  "docs/explain.schema.json": [{ at: "$defs/findingId/enum", words: FINDING_IDS }],
};

export const SCHEMAS_WITH_WORDS: readonly string[] = Object.keys(LISTS);

/**
 * The schema with the words as they are now; the same text where it has them already.
 * @throws where a path leads nowhere
 */
export function withCurrentWords(path: string, text: string): string {
  const schema: unknown = JSON.parse(text);
  let changed = false;
  for (const { at, words } of LISTS[path] ?? []) {
    const keys = at.split("/");
    const parent = keys.slice(0, -1).reduce((node, key) => child(node, key, path), schema);
    const last = keys.at(-1) ?? "";
    if (JSON.stringify(child(parent, last, path)) === JSON.stringify(words)) continue;
    (parent as Record<string, unknown>)[last] = words;
    changed = true;
  }
  return changed ? `${JSON.stringify(schema, null, 2)}\n` : text;
}

function child(node: unknown, key: string, path: string): unknown {
  const value = typeof node === "object" && node !== null ? (node as Record<string, unknown>)[key] : undefined;
  if (value === undefined) throw new Error(`${path} has no ${key}`);
  return value;
}
