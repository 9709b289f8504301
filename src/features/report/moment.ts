/** `report --at`: reads what is around a moment. */
import { UserError } from "../../errors.ts";
import type { Blank } from "../../recording/history/history.ts";
import { type State, StateAt } from "../../recording/history/state-at.ts";
import type { MetaLine, ProcessLine } from "../../recording/lines.ts";
import { KnownProcesses, type Numbered, processKey } from "../record/known-processes.ts";
import { type DatabaseAt, databasesAt } from "./holders-at.ts";
import type { DamagedFile } from "./read-file.ts";
import type { History } from "./read-history.ts";
import { type Wanted, WantedLines } from "./wanted-lines.ts";

export interface MomentReport {
  readonly atMs: number;
  /** Of the run that has the moment. */
  readonly meta: MetaLine;
  readonly state: State;
  readonly databases: readonly DatabaseAt[];
  /** Those that these name. */
  readonly processes: readonly ProcessLine[];
  /** One that --process asks for was seen. */
  readonly sawProcess: boolean;
  /** Of the whole recording, as far as they are known. */
  readonly blanks: readonly Blank[];
  /** The moment lies in it: nothing is known. Null: in none. */
  readonly blank: Blank | null;
  readonly damaged: readonly DamagedFile[];
  /** It breaks off later: what began after this, and had not ended then, is not known. Null: all is. */
  readonly knownUntilMs: number | null;
}

/** So far around the moment it is looked for other waits, ms. */
export const NEAR_MS = 600_000;

/** @throws UserError */
export async function readMoment(history: History, atMs: number, wanted: Wanted): Promise<MomentReport> {
  const { facts } = history;
  const run = facts.runs.find(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs) ?? facts.runs.at(-1);
  if (run === undefined) throw new UserError("not-a-recording", "the recording has no run", "give another one");
  const collector = new StateAt(atMs);
  const processes = new KnownProcesses();
  const lines = new WantedLines(wanted);
  let openAtMs: number | null = null;
  const span = { fromMs: atMs - NEAR_MS, toMs: atMs + NEAR_MS };
  const { blanks, damaged } = await history.read(
    span,
    (line) => {
      if (line.type === "process") processes.add(line);
      // another run knows nothing of what had not ended in this one
      if (line.type === "open" && line.atMs >= run.fromMs && line.atMs <= run.toMs) openAtMs = line.atMs;
      if (lines.has(line)) collector.add(line);
      else if (line.type === "lock" || line.type === "transaction") collector.addOther(line);
    },
    { countsMs: null, countsSpan: { fromMs: atMs, toMs: atMs } },
  );
  const { state } = collector;
  const paths = run.meta.databases.map(({ path }) => path);
  const isCut = run.end === "cut" && (openAtMs === null || atMs > openAtMs);
  return {
    ...{ atMs, meta: run.meta, state, blanks, damaged, sawProcess: lines.sawAny },
    processes: namedIn(state).flatMap((who) => processes.get(who) ?? []),
    databases: databasesAt(state, paths, (who) => processes.get(who)),
    blank: blanks.find(({ fromMs, toMs }) => atMs > fromMs && atMs < toMs) ?? null,
    knownUntilMs: isCut ? (openAtMs ?? run.fromMs) : null,
  };
}

/** Each once. */
function namedIn({ locks, waits, transactions, counts, before, after }: State): Numbered[] {
  const near = [before, after].flatMap((wait) => wait ?? []);
  const blockers = [...waits, ...near].flatMap((wait) => wait.blockers);
  const all = [...locks, ...waits, ...near, ...blockers, ...transactions, ...counts];
  return [...new Map(all.map((who) => [processKey(who), who])).values()];
}
