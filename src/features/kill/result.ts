/** What kill did, as facts; the texts and the JSON document are made of it in render/kill/. */
import { findingRecord } from "../../findings/index.ts";
import { unsafeToOpen } from "../../findings/unsafe-to-open.ts";
import { hasUsersOutOfSight, isUseUnknown } from "../../model/out-of-sight.ts";
import type { Blocker, DatabaseReport, Finding, Holder, Lock, PathError } from "../../model/report.ts";
import type { Viewer } from "../../model/viewer.ts";
import type { Turns } from "./candidates.ts";
import type { Doubt } from "./claims.ts";
import type { Consequence } from "./consequences.ts";
import type { Danger } from "./dangers.ts";
import type { KillSettings } from "./settings.ts";
import type { Signal } from "./signals.ts";

/**
 * `exited`: it has ended. `survived`: it runs on; `holds` says whether it still holds the database. `refused`: it was
 * not signalled, and why. `gone`: it had ended, or did not hold the database any more, before it was to be signalled.
 * `planned`: --dry-run.
 */
export type OutcomeKind = "exited" | "survived" | "refused" | "gone" | "planned";

export type RefusalReason =
  /** Gone: there is no need to signal it. */
  | { readonly kind: "not-a-holder" | "ended-or-closed" | "no-longer-blocking" }
  | { readonly kind: "pid-1" | "own-ancestor" | "hidden" | "kernel-thread" }
  | { readonly kind: "danger"; readonly danger: Danger }
  /** It would have to be named. */
  | Doubt
  /** The path leads to another file than at the first look. */
  | { readonly kind: "another-file" }
  | {
      readonly kind: "no-permission";
      readonly user: string | null;
      /** For the command that would do it with sudo. */
      readonly signal: Signal;
    };

export type SurvivalReason =
  | "closed-the-database"
  | "released-its-locks"
  /** SIGCONT was sent. */
  | "continued-and-blocks"
  | "still-open"
  /** No signal reaches it: its cgroup is frozen, or it waits in the kernel. */
  | "frozen"
  | "uninterruptible"
  /** What it holds cannot be told: the path leads to another file by now. */
  | "out-of-sight";

export interface ProcessOutcome {
  readonly pid: number;
  /** Null: it is no holder. */
  readonly holder: Holder | null;
  readonly result: OutcomeKind;
  /** The last one that was sent, or would be; null where none was. */
  readonly signal: Signal | null;
  /** From the first signal until it ended, or blocked nothing any more, in ms; null where it did neither. */
  readonly afterMs: number | null;
  /**
   * It has the database open, or a lock on it (after SIGCONT: it blocks others), when all is done; null where that was
   * not looked at (--dry-run; the path leads to another file).
   */
  readonly holds: boolean | null;
  /** It kept others out, and does so no more: it has ended, or has released its locks. */
  readonly released: boolean;
  readonly reason: RefusalReason | { readonly kind: SurvivalReason } | null;
  /** What its end does. */
  readonly consequences: readonly Consequence[];
  /** Why its end takes --force; of one that was refused as well. */
  readonly dangers: readonly Danger[];
}

export interface Spared {
  readonly holder: Holder;
  readonly turns: Turns;
}

export interface KillReport {
  readonly viewer: Viewer;
  readonly path: string;
  readonly givenAs: string;
  readonly settings: KillSettings;
  readonly outcomes: readonly ProcessOutcome[];
  /** Not signalled: they keep others out for moments alone. */
  readonly spared: readonly Spared[];
  /** Who holds the database when all is done. */
  readonly remaining: readonly Holder[];
  /** Locks that are held then, by no process that was seen. */
  readonly unownedLocks: readonly Lock[];
  /** Which process blocks what then; pid null: one of those locks. */
  readonly blockers: readonly Blocker[];
  /** A `<database>.lock` directory that stands then: the lock of a program that cannot be told. */
  readonly lockDirectory: DatabaseReport["lockDirectory"];
  /** How many transactions ended between the last looks. */
  readonly progress: DatabaseReport["progress"];
  readonly changesHands: DatabaseReport["changesHands"];
  /** Pids among them that were started since: a supervisor has started the program again. */
  readonly restarted: readonly number[];
  /** When all is done: a hot journal, a -wal to recover. */
  readonly findings: readonly Finding[];
  /** By these findings: the next program that opens the database recovers it. */
  readonly recoversOnOpen: boolean;
  /** Those of them by which it may do harm to open the database, though no lock keeps any process out. */
  readonly unsafeToOpen: readonly Finding[];
  /** The verdict, where what could be seen does not show whether it is blocked, or safe to open. */
  readonly unknown: string | null;
  /** The path leads to another file than at the first look: who holds the database was not looked at in the end. */
  readonly pathChanged: boolean;
  /** Other processes may use it where they cannot be seen: "no process" means no visible one. */
  readonly outOfSight: boolean;
}

/** Of the last look. */
export function reportOf(
  database: Pick<
    DatabaseReport,
    | "path"
    | "givenAs"
    | "holders"
    | "unownedLocks"
    | "blockers"
    | "lockDirectory"
    | "progress"
    | "changesHands"
    | "findings"
  > &
    Partial<Pick<DatabaseReport, "verdict" | "journal">> &
    Partial<Parameters<typeof hasUsersOutOfSight>[0] & Pick<KillReport, "viewer">>,
  settings: KillSettings,
  outcomes: readonly ProcessOutcome[],
  restarted: readonly number[] = [],
  pathChanged = false,
  spared: readonly Spared[] = [],
): KillReport {
  const { path, givenAs, holders, unownedLocks, blockers, lockDirectory, progress, changesHands, findings } = database;
  const recoversOnOpen = findings.some(({ id }) => findingRecord(id)?.recoversOnOpen === true);
  const unsafe = unsafeToOpen(database);
  const doubtful = unsafe.length === 0 && isUseUnknown({ fileSystem: null, ...database });
  const unknown = doubtful ? (database.verdict?.sentence ?? null) : null;
  return {
    viewer: database.viewer ?? { uid: null },
    path,
    givenAs,
    settings,
    outcomes,
    spared,
    remaining: holders,
    unownedLocks,
    blockers,
    lockDirectory,
    progress,
    changesHands,
    restarted,
    findings,
    recoversOnOpen,
    unsafeToOpen: unsafe,
    unknown,
    pathChanged,
    outOfSight: database.verdict?.state === "unknown" || hasUsersOutOfSight({ fileSystem: null, ...database }),
  };
}

/** Of a database that could not be looked at. */
export const NOTHING_SEEN = {
  holders: [],
  unownedLocks: [],
  blockers: [],
  lockDirectory: null,
  progress: null,
  changesHands: [],
  findings: [],
} as const;

export type KillResult =
  | { readonly kind: "done"; readonly report: KillReport; readonly interrupted: boolean }
  /** Ctrl-C, or no. */
  | { readonly kind: "cancelled" }
  /** There is no terminal to ask at, and --yes was not given: `pids` would be signalled. */
  | { readonly kind: "unconfirmed"; readonly report: KillReport; readonly pids: readonly number[] }
  | { readonly kind: "error"; readonly error: PathError };
