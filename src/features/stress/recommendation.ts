/** The one change of a setting that should prevent the failures, or what else is bad; it is then tried. Pure. */
import { isBusy, isUpgrade } from "./failure-cause.ts";
import type { Concern, Failures, Latencies } from "./report.ts";
import type { JournalMode, Settings } from "./settings.ts";

export type Recommendation =
  | { readonly transaction: "immediate" }
  | { readonly busyTimeoutMs: number }
  | { readonly journalMode: "wal" }
  | { readonly thinkMs: number };

/** What SQLite's documentation and most drivers use. */
const USUAL_TIMEOUT_MS = 5000;

/** @returns null where nothing failed, and where only fewer or shorter transactions would help */
export function recommendationFor(settings: Settings, failures: readonly Failures[]): Recommendation | null {
  const busy = failures.filter(({ code }) => isBusy(code));
  if (busy.some((failure) => isUpgrade(settings, failure))) return { transaction: "immediate" };
  return settings.busyTimeoutMs === 0 && busy.length > 0 ? { busyTimeoutMs: USUAL_TIMEOUT_MS } : null;
}

export interface CureFacts {
  readonly settings: Omit<Settings, "journalMode"> & { readonly journalMode: JournalMode };
  readonly concerns: readonly Concern[];
  readonly latencyMs: Pick<Latencies, "writeWorking">;
  /** The given database is on a network file system, where WAL mode does not work. */
  readonly onNetwork: boolean;
}

/** @returns null where nothing is bad, and where no option of stress should help */
export function cureFor(facts: CureFacts): Recommendation | null {
  const { settings, concerns, onNetwork } = facts;
  const { journalMode, transaction, holdMs, thinkMs } = settings;
  const readersWait = concerns.some((concern) => concern.kind === "long-wait" && concern.role === "reader");
  const writersSuffer = concerns.some(({ kind, ...rest }) => kind === "uneven-writers" || isOfWriter(rest));
  if (journalMode === "delete") {
    // in WAL mode writers still wait for the work of others, but for fewer syncs and for no reader
    if ((readersWait || (writersSuffer && holdMs === 0)) && !onNetwork) return { journalMode: "wal" };
    if (readersWait && transaction === "exclusive") return { transaction: "immediate" };
  }
  return writersSuffer && thinkMs === 0 ? { thinkMs: pauseFor(facts) } : null;
}

function isOfWriter(concern: object): boolean {
  return "role" in concern && concern.role === "writer";
}

/** Long enough for all other writers to have their turn: rounded up to 1, 2, 5, 10, 20, 50 … ms. */
function pauseFor({ settings: { writers, holdMs }, latencyMs }: CureFacts): number {
  const neededMs = writers * (holdMs + (latencyMs.writeWorking.p50 ?? 0));
  for (let power = 1; ; power *= 10) for (const digit of [1, 2, 5]) if (digit * power >= neededMs) return digit * power;
}
