/** What ending a holder does, as facts; the words for them are in render/kill/words.ts. Pure. */
import type { DatabaseReport, Holder } from "../../model/report.ts";
import type { Danger } from "./dangers.ts";

export type Consequence =
  | { readonly kind: "danger"; readonly danger: Danger }
  /** `wal`: its changes are dropped; in rollback mode the next program has to roll them back. */
  | { readonly kind: "write-transaction"; readonly wal: boolean }
  | { readonly kind: "read-transaction" }
  | { readonly kind: "repeated"; readonly activity: "checkpointing" | "recovering" }
  | { readonly kind: "no-transaction" }
  | { readonly kind: "unknown-activity" }
  | { readonly kind: "stopped"; readonly pid: number }
  /** Its signals wait until it is thawed; with version 1 of cgroups SIGKILL as well. */
  | { readonly kind: "frozen"; readonly version: 1 | 2; readonly thaw: Thaw }
  /** A thread of it waits in the kernel: SIGKILL may have to wait as well. */
  | { readonly kind: "uninterruptible"; readonly waitsIn: string | null }
  /** `uid`: the user whose container it is. */
  | { readonly kind: "container"; readonly container: string; readonly uid: number | null }
  | ({ readonly kind: "service" } & Service)
  | { readonly kind: "terminal"; readonly terminal: string }
  /** It is not ended: SIGCONT. */
  | { readonly kind: "continues" };

/** What names the command that lets a frozen process go on. */
export type Thaw = Pick<Holder, "frozen" | "container" | "containerUid" | "unit" | "unitManager" | "unitUid">;

function thawOf({ frozen, container, containerUid, unit, unitManager, unitUid }: Holder): Thaw {
  return { frozen, container, containerUid, unit, unitManager, unitUid };
}

/** A service; its manager starts it again. */
export type Service = { readonly unit: string } & Pick<Holder, "unitManager" | "unitUid">;

/** Null for a process that is part of no service. */
export function serviceOf({ unit, unitManager, unitUid }: Holder): Service | null {
  return unit?.endsWith(".service") === true ? { unit, unitManager, unitUid } : null;
}

/** The worst comes first. */
export function consequencesOf(
  holder: Holder,
  { journalMode }: Pick<DatabaseReport, "journalMode">,
  dangers: readonly Danger[],
): Consequence[] {
  // With these two, a transaction that is rolled back is not what happens.
  const losesMore = dangers.some(({ kind }) => kind === "no-journal" || kind === "lost-file");
  return [
    ...dangers.map((danger): Consequence => ({ kind: "danger", danger })),
    ...(losesMore ? [] : [transactionOf(holder, journalMode === "wal")]),
    ...surroundingsOf(holder),
  ];
}

function transactionOf({ activity }: Holder, wal: boolean): Consequence {
  switch (activity) {
    case "writing":
    case "committing":
    case "exclusive":
      return { kind: "write-transaction", wal };
    case "reading":
      return { kind: "read-transaction" };
    case "checkpointing":
    case "recovering":
      return { kind: "repeated", activity };
    case "idle":
      return { kind: "no-transaction" };
    case "unknown":
      return { kind: "unknown-activity" };
  }
}

function surroundingsOf(holder: Holder): Consequence[] {
  const { pid, container, containerUid, state, frozen, uninterruptible, terminal } = holder;
  const service = serviceOf(holder);
  return [
    ...(state === "stopped" ? [{ kind: "stopped", pid } as const] : []),
    ...(frozen === null ? [] : [{ kind: "frozen", version: frozen.version, thaw: thawOf(holder) } as const]),
    ...(uninterruptible === null ? [] : [{ kind: "uninterruptible", waitsIn: uninterruptible.waitsIn } as const]),
    ...(container === null ? [] : [{ kind: "container", container, uid: containerUid } as const]),
    ...(service === null ? [] : [{ kind: "service", ...service } as const]),
    ...(terminal === null ? [] : [{ kind: "terminal", terminal } as const]),
  ];
}
