/** What each command does; it is loaded when it is called. Only who-holds is there at once (see rolldown.config.ts). */
import type { ExplainOptions } from "../commands/explain.ts";
import type { IntegrityOptions } from "../commands/integrity.ts";
import type { JournalModeOptions } from "../commands/journal-mode.ts";
import type { KillOptions } from "../commands/kill.ts";
import type { RecordOptions } from "../commands/record.ts";
import type { ReportOptions } from "../commands/report.ts";
import type { StressCommandOptions } from "../commands/stress.ts";
import type { WatchOptions } from "../commands/watch.ts";
import { type WhoHoldsOptions, whoHolds } from "../commands/who-holds.ts";

/**
 * What commander gives: arguments in their order, options by their names. `after`: the words after a `--` that is the
 * command's own. @returns the exit code
 */
type Action = (args: readonly unknown[], options: object, after: readonly string[] | null) => Promise<number>;

export const ACTIONS: Readonly<Record<string, Action>> = {
  "who-holds": async ([databases], options: WhoHoldsOptions) => {
    if (options.kill === true) {
      const { kill, killOf } = await import("../commands/kill.ts");
      return kill(killOf(databases as string[]), options);
    }
    return whoHolds(databases as string[], options);
  },
  watch: async ([databases], options: WatchOptions) => {
    const { watch } = await import("../commands/watch.ts");
    return watch(databases as string[], options);
  },
  record: async ([databases], options: RecordOptions, after) => {
    const { record } = await import("../commands/record.ts");
    return record(databases as string[], options, after);
  },
  report: async ([recordings], options: ReportOptions) => {
    const { report } = await import("../commands/report.ts");
    return report(recordings as string[], options);
  },
  explain: async ([text], options: ExplainOptions) => {
    const { explain } = await import("../commands/explain.ts");
    return explain(text as string[], options);
  },
  integrity: async ([databases], options: IntegrityOptions) => {
    const { integrity } = await import("../commands/integrity.ts");
    return integrity(databases as string[], options);
  },
  "journal-mode": async ([database, mode], options: JournalModeOptions) => {
    const { journalMode } = await import("../commands/journal-mode.ts");
    return journalMode(database as string, mode as string | undefined, options);
  },
  kill: async ([database], options: KillOptions) => {
    const { kill } = await import("../commands/kill.ts");
    return kill(database as string, options);
  },
  stress: async ([database], options: StressCommandOptions) => {
    const { stress } = await import("../commands/stress.ts");
    return stress(database as string | undefined, options);
  },
  demo: async () => {
    const { demo } = await import("../commands/demo.ts");
    return demo();
  },
  completion: async ([shell]) => {
    const { completion } = await import("../commands/completion.ts");
    return completion(shell as string);
  },
};
