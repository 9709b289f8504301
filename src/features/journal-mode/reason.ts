/** Why a switch was not made, or is not proved, as data; the words are in render/journal-mode/reason-text.ts. Pure. */
import type { Blockers } from "./blockers.ts";
import type { Obstacle } from "./obstacles.ts";
import type { ReadBack } from "./read-back.ts";
import type { KeptMode } from "./report.ts";
import type { SwitchFailure, SwitchOutcome } from "./switch.ts";
import type { WriteSign } from "./write-signs.ts";

export type SwitchReason =
  | { readonly kind: "obstacle"; readonly obstacle: Obstacle }
  /** `walMode`: then a connection alone blocks the switch. `hidden`: not all processes can be seen from here. */
  | { readonly kind: "blocked"; readonly blockers: Blockers; readonly walMode: boolean; readonly hidden: boolean }
  | { readonly kind: "failed"; readonly failure: Exclude<SwitchFailure, { kind: "busy" }> }
  /** Pages are not as the -wal had them. `kept`: where its bytes are. */
  | { readonly kind: "pages-lost"; readonly pages: readonly number[]; readonly kept: string | null }
  /** It is switched, but a process that SQLite's locks do not keep out wrote during the switch. */
  | { readonly kind: "written-beside"; readonly sign: WriteSign }
  /** It is switched, and the path leads to another file by now, or to none. */
  | { readonly kind: "moved" }
  /** The header of the file has this mode. */
  | { readonly kind: "switched-back"; readonly mode: KeptMode | null }
  /** Another process could not read it, or found this mode. */
  | { readonly kind: "unreadable"; readonly failure: ReadFailure | null }
  | { readonly kind: "other-mode"; readonly mode: string };

export type ReadFailure = Exclude<ReadBack, { kind: "read" }>;

interface SwitchedState {
  readonly asked: KeptMode | null;
  readonly before: KeptMode | null;
  /** By the header of the file. */
  readonly after: KeptMode | null;
  /** The path still leads to the file that was switched. */
  readonly isThere: boolean;
  readonly hidden: boolean;
  /** A sign that a process wrote that SQLite's locks do not keep out. */
  readonly sign: WriteSign | null;
}

/** `readBack`: null where the switch failed. Null where the database is in the mode that was asked for, and proved. */
export function reasonAfterSwitch(
  { asked, before, after, isThere, hidden, sign }: SwitchedState,
  { failure, blockers, comparison, kept }: SwitchOutcome,
  readBack: ReadBack | null,
): SwitchReason | null {
  if (failure?.kind === "busy") return { kind: "blocked", blockers, walMode: before === "wal", hidden };
  if (failure !== null) return { kind: "failed", failure };
  if (comparison?.kind === "lost") return { kind: "pages-lost", pages: comparison.pages, kept };
  if (!isThere || (comparison?.kind === "not-compared" && comparison.why.kind === "another-file"))
    return { kind: "moved" };
  if (sign !== null) return { kind: "written-beside", sign };
  if (after !== asked) return { kind: "switched-back", mode: after };
  if (readBack?.kind !== "read") return { kind: "unreadable", failure: readBack };
  return readBack.mode === asked ? null : { kind: "other-mode", mode: readBack.mode };
}
