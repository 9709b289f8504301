/**
 * How many lines of the screen each part gets: by the size of the terminal, and by what there was to show at most so
 * far. So each part keeps its place from one drawing to the next. Pure.
 */
import type { ScreenSize } from "../../features/watch/interaction.ts";
import type { DatabaseView, View } from "../../features/watch/view.ts";

export interface Rows {
  /** Empty lines between the parts. */
  readonly gap: 0 | 1;
  /** Of the sentence that says whether the database is locked. */
  readonly verdict: 1 | 2;
  readonly showsWriting: boolean;
  /** The line of the WAL, for a database that was in WAL mode. */
  readonly showsWal: boolean;
  /** For each database: its processes, without the header; 0: no table. */
  readonly holders: readonly number[];
  /** Findings, and processes that could not be inspected. */
  readonly notes: number;
  readonly log: number;
}

/** The title, and the keys. */
const FRAME_ROWS = 2;

/** One database alone has room for so many processes from the start. */
const MIN_HOLDERS = 3;

/** Sentences fit into one line of so many columns, or are long anyway. */
const WIDE = 110;

export function rowsOf({ databases, most }: View, { columns, rows }: ScreenSize): Rows {
  const body = Math.max(0, rows - FRAME_ROWS);
  const gap = rows < 18 ? 0 : 1;
  const alone = databases.length === 1;
  const verdict = alone && columns < WIDE && rows >= 20 ? 2 : 1;
  const showsWriting = rows >= 11;
  const showsWal = rows >= 14;
  const shape = { gap, verdict, showsWriting, showsWal } as const;
  const notes = most.notes === 0 ? 0 : Math.min(most.notes, Math.max(1, Math.floor(body / 5)));
  const minLog = body >= 16 ? 4 : body >= 8 ? 2 : 0;
  const heads = databases.reduce((sum, database) => sum + headRows(database, shape), 0);
  const tables = databases.filter((database) => hasTable(database, alone)).length;
  const left = body - heads - tables - withGap(notes, gap) - withGap(minLog, gap);
  const wanted = databases.map((database) =>
    hasTable(database, alone) ? Math.max(database.most.holders, alone ? MIN_HOLDERS : 1) : 0,
  );
  const holders = shared(wanted, Math.max(left, tables));
  const used = holders.reduce((sum, each) => sum + (each === 0 ? 0 : each + 1), heads + withGap(notes, gap));
  return { ...shape, holders, notes, log: Math.max(0, body - used - gap) };
}

/** So many rows, one at least for each that wants any: what one does not need is left to the others. */
function shared(wanted: readonly number[], rows: number): number[] {
  const given = wanted.map((each) => Math.min(1, each));
  for (let left = rows - given.reduce((sum, each) => sum + each, 0); left > 0; left--) {
    const least = Math.min(...given.filter((each, i) => each < (wanted[i] ?? 0)));
    const i = given.findIndex((each, j) => each === least && each < (wanted[j] ?? 0));
    if (i < 0) break;
    given[i] = least + 1;
  }
  return given;
}

/** Of one database, without its table. */
export function headRows(
  { most }: DatabaseView,
  { gap, verdict, showsWriting, showsWal }: Pick<Rows, "gap" | "verdict" | "showsWriting" | "showsWal">,
): number {
  return gap + verdict + 1 + (showsWal && most.wal ? 1 : 0) + (showsWriting ? 1 : 0);
}

function hasTable({ most }: DatabaseView, alone: boolean): boolean {
  return alone || most.holders > 0;
}

function withGap(rows: number, gap: number): number {
  return rows === 0 ? 0 : rows + gap;
}
