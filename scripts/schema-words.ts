/** The lists of words in the published schemas, which the program's own tables have. Pure. */
import { OBSTACLE_CODES } from "../src/features/journal-mode/report.ts";
import { FINDING_IDS } from "../src/findings/index.ts";
import { VERDICT_STATES } from "../src/model/verdict.ts";
import { PATTERN_IDS } from "../src/recording/summary/pattern.ts";
import { ACTIVITIES, BLOCKS, LOCK_NAMES } from "../src/sqlite/locks.ts";
import { ROLES } from "../src/sqlite/roles.ts";

interface WordList {
  /** Where in the schema, as a path of keys. */
  readonly at: string;
  readonly words: readonly string[];
}

/** By schema. */
const LISTS: Readonly<Record<string, readonly WordList[]>> = {
  "docs/who-holds.schema.json": [
    { at: "$defs/role/enum", words: ROLES },
    { at: "$defs/lock/properties/name/enum", words: LOCK_NAMES },
    { at: "$defs/holder/properties/activity/enum", words: [...ACTIVITIES, "unknown"] },
    { at: "$defs/holder/properties/blocks/items/enum", words: BLOCKS },
    { at: "$defs/blocker/properties/effect/enum", words: BLOCKS },
    { at: "$defs/database/properties/verdict/properties/state/enum", words: VERDICT_STATES },
  ],
  "docs/watch.schema.json": [
    { at: "$defs/role/enum", words: ROLES },
    { at: "$defs/lockName/enum", words: LOCK_NAMES },
  ],
  "docs/record.schema.json": [
    { at: "$defs/lockName/enum", words: LOCK_NAMES },
    { at: "$defs/pattern/properties/id/enum", words: PATTERN_IDS },
  ],
  "docs/explain.schema.json": [{ at: "$defs/findingId/enum", words: FINDING_IDS }],
  "docs/journal-mode.schema.json": [{ at: "properties/obstacles/items/properties/code/enum", words: OBSTACLE_CODES }],
};

export const SCHEMAS_WITH_WORDS: readonly string[] = Object.keys(LISTS);

/**
 * The schema with the words as they are now. Nothing else of its text changes: a new word is a small difference.
 *
 * @throws where a path leads nowhere
 */
export function withCurrentWords(path: string, text: string): string {
  return withWords(text, LISTS[path] ?? [], path);
}

/** `name` is that of the schema, for the error. */
export function withWords(text: string, lists: readonly WordList[], name: string): string {
  return lists.reduce((current, { at, words }) => {
    const start = at.split("/").reduce((from, key) => {
      const value = startOfValue(current, from, key);
      if (value === null) throw new Error(`${name} has no ${at}`);
      return value;
    }, 0);
    const end = current.indexOf("]", start) + 1; // no word has a bracket
    const list = current.slice(start, end);
    if (JSON.stringify(JSON.parse(list)) === JSON.stringify(words)) return current;
    return `${current.slice(0, start)}${JSON.stringify(words)}${current.slice(end)}`;
  }, text);
}

/** Where the value of `key` begins, in the object that begins at `from`; null where it has no such key. */
function startOfValue(text: string, from: number, key: string): number | null {
  if (text[from] !== "{") return null;
  const tokens = /("(?:[^"\\]|\\.)*")(\s*:\s*)?|[{}[\]]/g;
  tokens.lastIndex = from;
  let depth = 0;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    const [whole, word, colon] = token;
    if (whole === "{" || whole === "[") depth++;
    else if (whole === "}" || whole === "]") depth--;
    else if (depth === 1 && colon !== undefined && word === JSON.stringify(key)) return tokens.lastIndex;
    if (depth === 0) return null;
  }
  return null;
}
