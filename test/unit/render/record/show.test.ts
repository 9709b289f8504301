import { test } from "vitest";
import { endScreen } from "../../../../src/render/record/end-screen.ts";
import { waitText, hookText, counterText, startText } from "../../../../src/render/record/live.ts";
import { Names } from "../../../../src/render/record/words.ts";
import { META, summaryLine, waitLine, transactionLine } from "../../../support/record-end.ts";
test("x", () => {
  const summary = summaryLine();
  const names = new Names(summary.processes);
  for (const width of [80, 200, Infinity]) {
    const style = { width, ellipsis: "…", chalk: null };
    console.log(startText(META, style) + "\n" + waitText(waitLine(), { meta: META, names, style }) + "\n" +
    counterText({forMs: 12345, waits: 14, longestMs: 5851, busy: 3, waiting: 2, waitingMs: 800, transactions: 3, isAnyLost: false}, style) + "\n" + endScreen({ meta: META, summary, story: width === 80 ? { wait: waitLine(), transactions: [transactionLine()] } : null, file: { path: "/root/x.jsonl", bytes: 12, owner: null } }, 50, style));
  }
});
