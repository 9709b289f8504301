/** The lanes as they are shown: one for a process, and below it one for each connection where it is unfolded. */
import { type Lane, type Model, ROWS, type RowName } from "./model.ts";

export interface TrackRow {
  readonly row: RowName;
  /** From the upper edge of the track. */
  readonly top: number;
  readonly height: number;
}

export interface Track {
  readonly process: number;
  /** Whose bars it has. */
  readonly lanes: readonly Lane[];
  readonly label: string;
  readonly note: string;
  /** 0: of a process; 1: of a connection. */
  readonly depth: 0 | 1;
  /** Null: there is nothing below it. */
  readonly isUnfolded: boolean | null;
  readonly rows: readonly TrackRow[];
  readonly top: number;
  readonly height: number;
}

const HEIGHTS: Readonly<Record<RowName, number>> = { transaction: 7, write: 18, read: 11, checkpoint: 11, open: 4 };
const GAP = 2;
const PADDING = 5;
/** Of a process, with a label of two lines and a note; of a connection. */
const MIN_HEIGHTS = [50, 30] as const;
/** More lanes than that begin folded. */
const MOST_UNFOLDED = 12;
const PATH_END = /[^/]*$/;

/** Processes that begin unfolded. */
export function firstUnfolded({ lanes }: Model): Set<number> {
  return lanes.filter(({ connection }) => connection !== null).length <= MOST_UNFOLDED
    ? new Set(lanes.map(({ process }) => process))
    : new Set();
}

/** `labelHeight`: of the line above each track that has its label; 0: the label stands beside it. */
export function tracksOf(model: Model, unfolded: ReadonlySet<number>, labelHeight: number): Track[] {
  const byProcess = new Map<number, Lane[]>();
  for (const lane of model.lanes) {
    if (lane.rows.length === 0) continue;
    const list = byProcess.get(lane.process);
    if (list === undefined) byProcess.set(lane.process, [lane]);
    else list.push(lane);
  }
  const isSeveral = new Set(model.data.lanes.map(({ path }) => path)).size > 1;
  const tracks: Track[] = [];
  let top = 0;
  const add = (track: Omit<Track, "rows" | "top" | "height">, names: ReadonlySet<RowName>) => {
    const place = rowsOf(names, labelHeight, MIN_HEIGHTS[track.depth]);
    tracks.push({ ...track, ...place, top });
    top += place.height;
  };
  for (const process of order(model, byProcess)) {
    const lanes = byProcess.get(process) ?? [];
    const { pid = 0, command = "?" } = model.data.processes[process] ?? {};
    // What is only known of the process stands in its own lane.
    const known = lanes.filter(({ connection }) => connection !== null);
    const isUnfolded = known.length < 2 ? null : unfolded.has(process);
    const [only] = known;
    const note =
      known.length > 1
        ? `${known.length} connections`
        : only === undefined
          ? ""
          : onlyText(model, lanes, only, isSeveral);
    const head = { process, label: `${pid} ${command}`, depth: 0, isUnfolded } as const;
    if (isUnfolded === true) {
      const others = lanes.filter(({ connection }) => connection === null);
      add({ ...head, note, lanes: others }, rowNames(others));
      for (const lane of known) {
        const label = laneText(model, lane, isSeveral);
        add({ process, label, note: "", depth: 1, isUnfolded: null, lanes: [lane] }, rowNames([lane]));
      }
    } else add({ ...head, note, lanes }, rowNames(lanes));
  }
  return tracks;
}

/** Those that were in the way of others, or waited, longest first. */
function order(model: Model, byProcess: ReadonlyMap<number, readonly Lane[]>): number[] {
  const weight = new Map<number, number>();
  const add = (process: number | undefined, us: number) => {
    if (process !== undefined) weight.set(process, (weight.get(process) ?? 0) + us);
  };
  const { blockers, waits, lanes } = model.data;
  blockers.process.forEach((process, i) => {
    add(process, (blockers.blocked[i] as number) * 2);
  });
  waits.lane.forEach((lane, i) => {
    add(lanes[lane]?.process, waits.length[i] as number);
  });
  return [...byProcess.keys()].sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0) || a - b);
}

function laneText(model: Model, lane: Lane, isSeveral: boolean): string {
  const path = model.data.strings[model.data.lanes[lane.index]?.path ?? -1] ?? "";
  const name = isSeveral ? `${PATH_END.exec(path)?.[0] ?? ""}` : "";
  // The numbers of runs are so far apart.
  const connection = lane.connection === null ? "" : `connection ${lane.connection % 1_000_000_000}`;
  return [name, connection].filter((part) => part !== "").join(", ");
}

/** What the lane has of unknown connections may be of another one. */
function onlyText(model: Model, lanes: readonly Lane[], only: Lane, isSeveral: boolean): string {
  const isOther = lanes.some(
    ({ connection, rows }) =>
      connection === null && rows.some(({ row, kind }) => kind !== "counted" && row !== "open" && row !== "checkpoint"),
  );
  return `${laneText(model, only, isSeveral)}${isOther ? ", and unknown" : ""}`;
}

function rowNames(lanes: readonly Lane[]): ReadonlySet<RowName> {
  return new Set(lanes.flatMap(({ rows }) => rows.map(({ row }) => row)));
}

function rowsOf(names: ReadonlySet<RowName>, labelHeight: number, least: number): Pick<Track, "rows" | "height"> {
  const rows: TrackRow[] = [];
  let top = PADDING + labelHeight;
  for (const row of ROWS) {
    if (!names.has(row)) continue;
    rows.push({ row, top, height: HEIGHTS[row] });
    top += HEIGHTS[row] + GAP;
  }
  return { rows, height: Math.max(labelHeight > 0 ? labelHeight + 4 : least, top + PADDING - GAP) };
}
