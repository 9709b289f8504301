/** What the screen shows at one moment: plain data, which does not change. Pure. */
import type { DatabaseReport } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";
import type { FileIdentity } from "../../observe/same-file.ts";
import type { SourceKind } from "../../recording/source.ts";
import type { CommandProblem } from "../alert/commands.ts";
import type { WatchEvent } from "./event.ts";
import type { HolderView } from "./holder-view.ts";
import type { LogRow } from "./live-log.ts";
import type { LiveVerdict, WriteSpan } from "./live-verdict.ts";
import type { FindingView } from "./seen-findings.ts";
import type { WalGrowth } from "./wal-growth.ts";

export interface DatabaseView {
  readonly path: string;
  /** Null: there is no such file, or it has not been looked at yet. */
  readonly report: DatabaseReport | null;
  readonly looked: boolean;
  /** Those that have gone a moment ago too. */
  readonly holders: readonly HolderView[];
  readonly findings: readonly FindingView[];
  readonly verdict: LiveVerdict;
  /** When the write lock was held. */
  readonly writing: readonly WriteSpan[];
  /** Null before the first look. */
  readonly wal: WalGrowth | null;
  /** What any view so far had at most: the screen keeps room for it, so that nothing jumps. */
  readonly most: { readonly holders: number; readonly wal: boolean };
}

/** What became of the command of an alert, and when. */
export interface ProblemView {
  readonly atMs: number;
  /** The alert. */
  readonly event: WatchEvent;
  readonly problem: CommandProblem;
}

export interface View {
  readonly nowMs: number;
  readonly startedMs: number;
  readonly source: SourceKind;
  readonly databases: readonly DatabaseView[];
  /** The newest is the last. */
  readonly log: readonly LogRow[];
  /** Null unless they may explain something. */
  readonly unseen: Unseen | null;
  /** Notes: a problem, findings, and a line for processes that could not be inspected. */
  readonly most: { readonly notes: number };
  /** The last one; left out where there was none. */
  readonly problem?: ProblemView;
}

/** Which file it is that the screen shows a holder of; null: none had that path. `before`: at the start of watching. */
export function shownFile(
  { databases }: View,
  { path }: Pick<HolderView, "path">,
  before: FileIdentity | null,
): FileIdentity | null {
  const shown = databases.find((each) => each.path === path);
  if (shown === undefined || !shown.looked) return before;
  return shown.report?.files.find(({ role }) => role === "database") ?? null;
}
