/**
 * What a segment needs of what earlier ones have told: who the processes are, what is not known, how long the
 * write-ahead logs were. Pure.
 */
import type { WrittenLine } from "../../../recording/document/uncounted.ts";
import type { ProcessLine, RecordingLine, UnknownLine } from "../../../recording/lines.ts";
import type { WalLine } from "../../../recording/state-lines.ts";
import { KnownProcesses, type Numbered, processKey } from "../known-processes.ts";

/** Of unknown lines, and of logs; the oldest are forgotten. */
const MOST = 1_000;
/** Processes that a segment begins with: others are told when a line names them. */
const MOST_PROCESSES = 1_000;
/** Of their command lines: one has up to 32,768, and these stand in each segment. */
const MOST_CHARACTERS = 200_000;

export type IsRunning = (pid: number, startTicks: string | null) => boolean;

export class Standing {
  readonly #processes = new KnownProcesses();
  /** By number and start; those that were met last are last. */
  readonly #last = new Map<string, ProcessLine>();
  readonly #unknown = new Map<string, UnknownLine>();
  readonly #wal = new Map<string, WalLine>();

  /** A line of the recording, in its order. */
  add(line: RecordingLine): void {
    switch (line.type) {
      case "process":
        this.#processes.add(line);
        put(this.#last, processKey(line), line, MOST_PROCESSES);
        break;
      case "unknown":
        this.#addUnknown(line);
        break;
      case "wal":
        put(this.#wal, line.path, line, MOST);
        break;
      default:
    }
  }

  /** Null: it was never told, or long ago. */
  process(who: Numbered): ProcessLine | null {
    return this.#processes.get(who) ?? this.#last.get(processKey(who)) ?? null;
  }

  /** What a segment that begins at `nowMs` is to tell again. */
  again(nowMs: number, isRunning: IsRunning): RecordingLine[] {
    for (const [key, { pid, startTicks }] of this.#last) if (!isRunning(pid, startTicks)) this.#last.delete(key);
    const pids = new Set([...this.#last.values()].map(({ pid }) => pid));
    const isGone = ({ pids: of, toMs }: UnknownLine) =>
      (of.length > 0 && !of.some((pid) => pids.has(pid))) || (toMs !== undefined && toMs < nowMs);
    for (const [key, line] of this.#unknown) if (isGone(line)) this.#unknown.delete(key);
    return [...this.#newest(), ...this.#unknown.values(), ...this.#wal.values()];
  }

  #newest(): ProcessLine[] {
    let left = MOST_CHARACTERS;
    const newest: ProcessLine[] = [];
    for (const line of [...this.#last.values()].reverse()) {
      for (const argument of line.commandLine ?? []) left -= argument.length;
      if (left < 0) break;
      newest.push(line);
    }
    return newest.reverse();
  }

  #addUnknown(line: UnknownLine): void {
    const { what, why, pids, path, untilMs } = line;
    const key = JSON.stringify([what, why, pids, path]);
    if (untilMs === null) put(this.#unknown, key, line, MOST);
    else this.#unknown.delete(key); // it is known from then on
  }
}

/** Whom a line names. */
export function* namedIn(line: WrittenLine): Generator<Numbered> {
  if (line.type === "summary" || line.type === "process") return;
  if ("pid" in line) yield line;
  if (line.type === "unknown") for (const pid of line.pids) yield { pid, startTicks: null };
  if (line.type === "wait" || line.type === "refusal") yield* line.blockers ?? [];
  if (line.type === "wal") yield* line.pinnedBy;
  if (line.type !== "open") return;
  for (const each of [...line.locks, ...line.transactions, ...line.waits]) yield* namedIn(each);
}

function put<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [first] = map.keys();
  if (map.size > most && first !== undefined) map.delete(first);
}
