/** The advice as a document: docs/advice.schema.json. Pure. */
import { documentHead } from "../report/json.ts";
import { changeText, EXPLAIN } from "./change.ts";
import { figuresText } from "./figures.ts";
import { headline, reasonTexts } from "./reasons.ts";
import type { AdviceFacts } from "./text.ts";
import { unknownTexts } from "./unknown.ts";

export function adviceDocument({ databases, framework, atLeast }: AdviceFacts): object {
  return {
    ...documentHead(),
    framework: framework.id,
    atLeast,
    databases: databases.map(({ evidence, advice }) => ({
      path: evidence.path,
      source: evidence.source,
      watchedMs: evidence.watchedMs,
      journalMode: evidence.journalMode,
      summary: figuresText(evidence),
      writers: evidence.writers,
      writeHolds: evidence.writeHolds,
      waits: evidence.waits,
      openedWithMs: evidence.openedWithMs,
      timeouts: evidence.timeouts,
      readersAndCommits: evidence.readersAndCommits,
      wal: evidence.wal,
      advice: advice.map((each) => {
        const { where, code, note } = changeText(each.setting, framework);
        return {
          ...{ id: each.id, sure: each.sure, setting: each.setting, because: each.because },
          ...{ headline: headline(each.setting), reason: reasonTexts(each, atLeast).join(" ") },
          ...{ where, code, note, explain: EXPLAIN[each.setting.id] },
        };
      }),
      unknown: unknownTexts(evidence),
    })),
  };
}
