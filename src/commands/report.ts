/** `sqlock report`: options in, a recording that was read again, exit code. */
import { adviseFrom } from "../features/report/advice.ts";
import { compareReports } from "../features/report/compare.ts";
import { writeHtml } from "../features/report/html.ts";
import { inputOf } from "../features/report/input-of.ts";
import { writePerfetto } from "../features/report/perfetto.ts";
import { openHistory } from "../features/report/read-history.ts";
import { type ReportOptions, reportSettings } from "../features/report/settings.ts";
import { writeSqlite } from "../features/report/sqlite-file.ts";
import { pageText } from "../render/page/report/page-text.ts";
import { traceText } from "../render/perfetto/text.ts";
import { endScreen } from "../render/record/end-screen.ts";
import { styleOf, writeOut } from "../terminal.ts";

export type { ReportOptions };

/** @returns the exit code. @throws UserError */
export async function report(paths: readonly string[], options: ReportOptions): Promise<number> {
  const settings = reportSettings(options);
  const style = await styleOf(options.color);
  const input = inputOf(await openHistory(paths), settings);
  if (settings.html !== null) await writeHtml(input, settings.html, pageText);
  if (settings.perfetto !== null) await writePerfetto(input, settings.perfetto, traceText);
  if (settings.sqlite !== null) await writeSqlite(input, settings.sqlite);
  if (settings.compare !== null) return compareReports(input, inputOf(await openHistory([settings.compare]), settings));
  if (settings.advice !== null) return adviseFrom(input, settings.advice);
  const { summary } = await input.read(() => {});
  writeOut(endScreen({ meta: input.meta, summary, story: null, file: null }, Number.POSITIVE_INFINITY, style));
  return 0;
}
