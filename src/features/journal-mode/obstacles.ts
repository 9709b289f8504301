/** What a switch would break or fail on, before it is tried. Pure. */
import { findingRecord } from "../../findings/index.ts";
import type { DatabaseReport, Finding, Holder } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";
import { mayHoldDatabase } from "../../model/unseen-processes.ts";
import { useWithoutLocks } from "../../model/use-without-locks.ts";
import type { Viewer } from "../../model/viewer.ts";
import type { Actor, IsolationReason } from "../../safe-open/actor.ts";
import type { Opener } from "../../safe-open/pins.ts";
import { blockersOf, isFree } from "./blockers.ts";
import type { FileMount, SwitchAccess } from "./look.ts";
import type { KeptMode, ObstacleCode } from "./report.ts";

export interface SwitchContext {
  readonly database: DatabaseReport;
  readonly access: SwitchAccess;
  readonly opener: Pick<Opener, "kind" | "actor">;
  readonly asRoot: boolean;
  readonly viewer: Viewer;
  readonly unseen: Unseen | null;
}

/** The words are in render/journal-mode/obstacle-text.ts. */
type ObstacleFacts =
  | { readonly kind: "read-only-mount"; readonly path: string; readonly mountPoint: string }
  /** `immutable`: even root may not write them. `asUid`: the user that root becomes; null: the caller. */
  | {
      readonly kind: "not-writable";
      readonly paths: readonly [string, ...string[]];
      readonly immutable: boolean;
      readonly asUid: number | null;
    }
  | {
      readonly kind: "folder-not-writable";
      readonly folder: string;
      readonly to: KeptMode;
      readonly asUid: number | null;
    }
  /** Run by root: there is no user as which SQLite may open it in place. */
  | { readonly kind: "isolated"; readonly path: string; readonly why: IsolationReason }
  /** Run by root: it cannot become the user who is to open it. */
  | { readonly kind: "no-user"; readonly actor: Actor }
  /** SQLite would write to its other names as well. */
  | {
      readonly kind: "hard-linked-companion";
      readonly path: string;
      readonly links: number;
      readonly mountPoint: string;
    }
  /** A process writes, or holds a lock, with other locking than SQLite's default. `unowned`: the process is unknown. */
  | {
      readonly kind: "other-locking";
      readonly path: string;
      readonly writers: readonly Holder[];
      readonly foreign: readonly Holder[];
      readonly foreignUnowned: boolean;
    }
  /** There is a companion file that no visible process has open; a process that is not visible may. */
  | { readonly kind: "unseen"; readonly path: string; readonly role: "journal" | "wal"; readonly unseen: Unseen }
  /** `why`: what the switch would make worse. */
  | { readonly kind: "finding"; readonly finding: Finding; readonly why: string }
  | {
      readonly kind: "cut-off";
      readonly path: string;
      readonly pageCount: number;
      readonly pageSize: number;
      readonly sizeBytes: number;
    }
  | { readonly kind: "file-mount"; readonly path: string; readonly mounts: readonly FileMount[] }
  | {
      readonly kind: "network-file-system";
      readonly path: string;
      readonly type: string;
      readonly mountPoint: string;
      readonly to: KeptMode;
      /** It is a folder of the host of this virtual machine. */
      readonly host?: true;
    }
  | { readonly kind: "no-space"; readonly path: string; readonly neededBytes: number; readonly freeBytes: number };

export type Obstacle = ObstacleFacts & {
  /** --force goes past it. */
  readonly forcible: boolean;
  /** --force went past it. */
  readonly forced: boolean;
};

export function obstacleCode(obstacle: Obstacle): ObstacleCode {
  if (obstacle.kind === "finding") return obstacle.finding.id;
  if (obstacle.kind === "isolated") return "no-user";
  return obstacle.kind === "folder-not-writable" ? "not-writable" : obstacle.kind;
}

/** The obstacles that --force cannot go past come first. */
export function obstaclesOf(context: SwitchContext, to: KeptMode, force: boolean): Obstacle[] {
  const ofFindings = findingObstacles(context.database);
  const found = [
    ...rightsObstacles(context, to),
    ...ofFindings,
    ...otherLocking(context.database, ofFindings),
    ...unseenWriter(context),
    ...locationObstacles(context, to),
  ];
  return found
    .map((obstacle) => ({ ...obstacle, forced: obstacle.forcible && force }))
    .sort((a, b) => Number(a.forcible) - Number(b.forcible));
}

/** Those that keep the switch from being tried. */
export function standing<T extends { readonly forced: boolean }>(obstacles: readonly T[]): T[] {
  return obstacles.filter(({ forced }) => !forced);
}

/** No right to write, no user that may, or a read-only mount: exit code 2, as it cannot even be tried. */
export function isOfRights(code: ObstacleCode): boolean {
  return code === "not-writable" || code === "read-only-mount" || code === "no-user";
}

type FoundObstacle = ObstacleFacts & Pick<Obstacle, "forcible">;

function rightsObstacles({ database, access, opener, asRoot }: SwitchContext, to: KeptMode): FoundObstacle[] {
  const { path, fileSystem } = database;
  const { actor } = opener;
  if (fileSystem?.readOnly === true)
    return [{ kind: "read-only-mount", path, mountPoint: fileSystem.mountPoint, forcible: false }];
  if (opener.kind === "no-user") return [{ kind: "no-user", actor, forcible: false }];
  if (actor.kind === "isolated") return [{ kind: "isolated", path, why: actor.why, forcible: false }];
  const asUid = actor.kind === "owner" ? actor.uid : null;
  const [first, ...rest] = access.notWritable;
  if (first !== undefined) {
    const immutable = asRoot && asUid === null;
    return [{ kind: "not-writable", paths: [first, ...rest], immutable, asUid, forcible: false }];
  }
  return access.folderWritable
    ? []
    : [{ kind: "folder-not-writable", folder: access.folder, to, asUid, forcible: false }];
}

/** SQLite's locks do not keep them out: their commits meanwhile would be lost. `told`: obstacles that name some. */
function otherLocking(database: DatabaseReport, told: readonly FoundObstacle[]): FoundObstacle[] {
  const named = new Set(told.flatMap((each) => (each.kind === "finding" && !each.forcible ? each.finding.pids : [])));
  const isNew = ({ pid }: Holder) => !named.has(pid);
  const use = useWithoutLocks(database);
  const { foreignUnowned } = use;
  const [writers, foreign] = [use.writers.filter(isNew), use.foreign.filter(isNew)];
  return writers.length === 0 && foreign.length === 0 && !foreignUnowned
    ? []
    : [{ kind: "other-locking", path: database.path, writers, foreign, foreignUnowned, forcible: false }];
}

/** What is done with SQLite's locks shows in /proc/locks, whichever process does it; without them it does not. */
function unseenWriter({ database, unseen }: SwitchContext): FoundObstacle[] {
  if (!mayHoldDatabase(unseen) || !isFree(blockersOf(database))) return [];
  const role = fileOfUnseen(database);
  return role === null ? [] : [{ kind: "unseen", path: `${database.path}-${role}`, role, unseen, forcible: true }];
}

/**
 * A -journal (a finished one may be that of a connection in exclusive mode), or a -wal with frames, that nobody who was
 * seen has open.
 */
function fileOfUnseen({ journal, wal, holders }: DatabaseReport): "journal" | "wal" | null {
  const isOpen = (role: "journal" | "wal") => holders.some(({ handles }) => handles.some((each) => each.role === role));
  if (journal !== null && !isOpen("journal")) return "journal";
  return wal !== null && (wal.frames > 0 || !wal.complete) && !isOpen("wal") ? "wal" : null;
}

function findingObstacles({ findings }: DatabaseReport): FoundObstacle[] {
  return findings.flatMap((finding) => {
    const blocksSwitch = findingRecord(finding.id)?.blocksSwitch ?? null;
    if (blocksSwitch === null || blocksSwitch.unless === finding.severity) return [];
    // Beside an empty database SQLite deletes the journal or the -wal: that is the error of such a finding.
    const forcible = blocksSwitch.forcible && finding.severity !== "error";
    return [{ kind: "finding", finding, why: blocksSwitch.why, forcible }];
  });
}

function locationObstacles({ database, access }: SwitchContext, to: KeptMode): FoundObstacle[] {
  const { fileSystem, path } = database;
  const neededBytes = bytesNeeded(database, to);
  return [
    ...cutOff(database),
    ...(access.hardLinked === null
      ? []
      : [
          {
            kind: "hard-linked-companion",
            ...access.hardLinked,
            mountPoint: fileSystem?.mountPoint ?? "/",
            forcible: false,
          } as const,
        ]),
    ...(access.fileMounts.length > 0
      ? [{ kind: "file-mount", path, mounts: access.fileMounts, forcible: true } as const]
      : []),
    ...(fileSystem?.network === true
      ? [
          {
            kind: "network-file-system",
            path,
            type: fileSystem.type,
            mountPoint: fileSystem.mountPoint,
            to,
            ...(fileSystem.host === undefined ? {} : { host: fileSystem.host }),
            forcible: true,
          } as const,
        ]
      : []),
    ...(access.freeBytes !== null && access.freeBytes < neededBytes
      ? [{ kind: "no-space", path, neededBytes, freeBytes: access.freeBytes, forcible: false } as const]
      : []),
  ];
}

/** A database at rest that is shorter than its header says. */
function cutOff({ path, pageCount, pageSize, sizeBytes, wal, journal, holders }: DatabaseReport): FoundObstacle[] {
  if (pageCount === null || pageSize === null || sizeBytes === null) return [];
  const isAtRest =
    (wal === null || (wal.frames === 0 && wal.complete)) &&
    (journal === null || journal.hot === false) &&
    holders.every(({ activity }) => activity === "idle" || activity === "reading");
  return isAtRest && pageCount * pageSize > sizeBytes
    ? [{ kind: "cut-off", path, pageCount, pageSize, sizeBytes, forcible: false }]
    : [];
}

/** Where the header has no page size. */
const DEFAULT_PAGE_BYTES = 4096;

/** Pages that a change of the mode writes into a journal. */
const JOURNAL_PAGES = 4;

/** For the -shm, and headers. */
const SPARE_BYTES = 64 * 1024;

/** A journal of the first pages and a -shm; to leave WAL mode, also what the -wal adds to the database. */
function bytesNeeded({ pageSize, pageCount, sizeBytes }: DatabaseReport, to: KeptMode): number {
  const page = pageSize ?? DEFAULT_PAGE_BYTES;
  const growth = to === "delete" ? Math.max(0, (pageCount ?? 0) * page - (sizeBytes ?? 0)) : 0;
  return growth + JOURNAL_PAGES * page + SPARE_BYTES;
}
