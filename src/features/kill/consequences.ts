/** What ending a holder does, as facts; the words for them are in render/kill/words.ts. Pure. */
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { holdsForeignToWrite, holdsLockOfSqlite, openUnlocked } from "../../model/unseen-use.ts";
import type { CompanionRole } from "../../sqlite/roles.ts";
import type { Danger } from "./dangers.ts";

export type Consequence =
  | { readonly kind: "danger"; readonly danger: Danger }
  /** `wal`: its changes are dropped; in rollback mode the next program has to roll them back. */
  | { readonly kind: "write-transaction"; readonly wal: boolean }
  | { readonly kind: "read-transaction" }
  | { readonly kind: "repeated"; readonly activity: "checkpointing" | "recovering" }
  | { readonly kind: "no-transaction" }
  /** It works by other locks than SQLite's. `files`: what it has open to write without those that go with it. */
  | { readonly kind: "unseen-transaction"; readonly files: readonly CompanionRole[]; readonly wal: boolean }
  /** `path`: the lock directory, which may be its own, and does not go with it. */
  | { readonly kind: "lock-directory"; readonly path: string }
  | { readonly kind: "unknown-activity" }
  | { readonly kind: "stopped"; readonly pid: number }
  /** `uid`: the user whose container it is. */
  | { readonly kind: "container"; readonly container: string; readonly uid: number | null }
  | ({ readonly kind: "service" } & Service)
  | { readonly kind: "terminal"; readonly terminal: string }
  /** It is not ended: SIGCONT. */
  | { readonly kind: "continues" };

/** A service; its manager starts it again. */
export type Service = { readonly unit: string } & Pick<Holder, "unitManager" | "unitUid">;

/** Null for a process that is part of no service. */
export function serviceOf({ unit, unitManager, unitUid }: Holder): Service | null {
  return unit?.endsWith(".service") === true ? { unit, unitManager, unitUid } : null;
}

/** The worst comes first. */
export function consequencesOf(
  holder: Holder,
  { journalMode, lockDirectory }: Pick<DatabaseReport, "journalMode" | "lockDirectory">,
  dangers: readonly Danger[],
): Consequence[] {
  const mayHaveMade = lockDirectory !== null && !holdsLockOfSqlite(holder) && isOpenToWrite(holder);
  const unseen = mayHaveMade || openUnlocked(holder).length > 0 || holdsForeignToWrite(holder);
  // With these two, a transaction that is rolled back is not what happens.
  const losesMore = dangers.some(({ kind }) => kind === "no-journal" || kind === "lost-file");
  return [
    ...dangers.map((danger): Consequence => ({ kind: "danger", danger })),
    ...(losesMore ? [] : [transactionOf(holder, journalMode === "wal", unseen)]),
    ...(mayHaveMade ? [{ kind: "lock-directory", path: lockDirectory.path } as const] : []),
    ...surroundingsOf(holder),
  ];
}

function isOpenToWrite({ handles }: Holder): boolean {
  return handles.some(({ role, access }) => role === "database" && access === "read-write");
}

/** `unseen`: it may be in a transaction that no lock of SQLite's shows. */
function transactionOf(holder: Holder, wal: boolean, unseen: boolean): Consequence {
  if (unseen && holder.activity === "idle") return { kind: "unseen-transaction", files: openUnlocked(holder), wal };
  switch (holder.activity) {
    case "writing":
    case "committing":
    case "exclusive":
      return { kind: "write-transaction", wal };
    case "reading":
      return { kind: "read-transaction" };
    case "checkpointing":
    case "recovering":
      return { kind: "repeated", activity: holder.activity };
    case "idle":
      return { kind: "no-transaction" };
    case "unknown":
      return { kind: "unknown-activity" };
  }
}

function surroundingsOf(holder: Holder): Consequence[] {
  const { pid, container, containerUid, state, terminal } = holder;
  const service = serviceOf(holder);
  return [
    ...(state === "stopped" ? [{ kind: "stopped", pid } as const] : []),
    ...(container === null ? [] : [{ kind: "container", container, uid: containerUid } as const]),
    ...(service === null ? [] : [{ kind: "service", ...service } as const]),
    ...(terminal === null ? [] : [{ kind: "terminal", terminal } as const]),
  ];
}
