/** What the locks in the tables mean: in one line, or one line for each. Pure. */
import type { DatabaseReport, Lock } from "../../model/report.ts";
import { type LockMeaning, markMeanings, meaningsOf } from "../../text/lock-meaning.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";

type Locked = Pick<DatabaseReport, "holders" | "unownedLocks" | "journalMode">;

/** `legend`: one line for all, as a terminal gets it. `explained`: one line for each lock. */
export type LockWords = "none" | "legend" | "explained";

/** The tables, with the words for their locks behind the last of them. */
export function withLockWords(
  tables: readonly string[],
  databases: readonly Locked[],
  words: LockWords,
  style: Style,
): readonly string[] {
  const text =
    words === "legend" ? lockLegend(databases, style) : words === "explained" ? lockExplanations(databases, style) : "";
  const last = tables.findLastIndex((table) => table !== "");
  if (text === "" || last < 0) return tables;
  return tables.map((table, i) => (i === last ? `${table}\n${words === "explained" ? "\n" : ""}${text}` : table));
}

const MORE = "; ... (--explain-locks)";

/** One line, dim; "" where there is no lock. What has no room is left out, the weakest first. */
export function lockLegend(databases: readonly Locked[], style: Style): string {
  const groups = new Map<string, string[]>();
  for (const { name, short } of meanings(databases)) groups.set(short, [...(groups.get(short) ?? []), name]);
  const items = [...groups].map(([short, names]) => `${names.join(", ")}: ${short}`);
  const line = longest(items, style.width);
  return line === "" ? "" : (style.chalk?.dim(line) ?? line);
}

function longest(items: readonly string[], width: number): string {
  for (let shown = items.length; shown > 0; shown--) {
    const line = items.slice(0, shown).join("; ") + (shown < items.length ? MORE : "");
    if (widthOf(line) <= width) return line;
  }
  return "";
}

/** A line for each lock; "" where there is none. */
export function lockExplanations(databases: readonly Locked[], style: Style): string {
  const marks = markMeanings(databases.flatMap(locksOf));
  const all = [...meanings(databases), ...marks];
  const width = Math.max(0, ...all.map(({ name }) => widthOf(name)));
  const indent = " ".repeat(width + 2);
  return all.map(({ name, long }) => paragraph(`${name.padEnd(width)}  ${long}`, indent, style)).join("\n");
}

/** Each once: that of SHARED depends on the journal mode. */
function meanings(databases: readonly Locked[]): LockMeaning[] {
  const all = databases.flatMap((database) => {
    const locks = locksOf(database);
    return meaningsOf(locks, database.journalMode === "wal" || locks.some(({ role }) => role === "shm"));
  });
  return all.filter((one, i) => all.findIndex(({ name, long }) => name === one.name && long === one.long) === i);
}

function locksOf({ holders, unownedLocks }: Locked): Lock[] {
  return [...holders.flatMap(({ locks }) => locks), ...unownedLocks];
}
