/** What is found out of a mapped file, and of a process, as data. */
import type { UnknownStatements } from "../../../recording/source-event.ts";
import type { Probe, StatementLayout } from "./probes.ts";

/** A file with a SQLite whose calls can be probed. */
export interface Library {
  /** Its number in this recording, as in the events. */
  readonly index: number;
  /** As stat(2) has them. */
  readonly device: bigint;
  readonly inode: bigint;
  /** In hexadecimal; null: it has none. */
  readonly buildId: string | null;
  /** Its path as a process that has it sees it: for people. Another namespace may have another file there. */
  readonly path: string;
  /**
   * Leads `uprobe_events` to the very file that was read, also where it is deleted or in another mount namespace: a
   * descriptor of this process, until {@link Libraries.close}. A probe that was added stays when it is closed.
   */
  readonly probePath: string;
  readonly probes: readonly Probe[];
  readonly layout: StatementLayout;
}

/**
 * `known`: at least one. `besides`: there is another SQLite in the process, whose calls are unknown for this reason. A
 * library whose `layout.sqlOffset` is null has calls without texts at `step`: its statements are "not-verified".
 */
export type ProcessLibraries =
  | { readonly known: true; readonly libraries: readonly Library[]; readonly besides: UnknownStatements | null }
  | { readonly known: false; readonly why: UnknownStatements };
