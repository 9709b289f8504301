/** Rows of the tables open their bar in the timeline. */
import { button } from "./dom.ts";
import type { EventRef, Model } from "./model.ts";

export function linkRows(model: Model, open: (ref: EventRef) => void): void {
  for (const kind of ["wait", "transaction"] as const)
    for (const row of document.querySelectorAll<HTMLTableRowElement>(`tr[data-${kind}]`)) {
      const ref = found(model, kind, Number(row.dataset[kind]), Number(row.dataset["pid"]));
      const cell = row.cells.item(0);
      if (ref === null || cell === null) continue;
      const text = cell.textContent ?? "";
      const link = button(text, "Show it in the timeline", () => open(ref));
      link.className = "link";
      cell.replaceChildren(link);
    }
}

function found(model: Model, kind: "wait" | "transaction", us: number, pid: number): EventRef | null {
  const { waits, transactions, lanes, processes } = model.data;
  const columns = kind === "wait" ? waits : transactions;
  const id = columns.from.findIndex(
    (from, i) => from === us && processes[lanes[columns.lane[i] as number]?.process ?? -1]?.pid === pid,
  );
  return id === -1 ? null : { kind, id };
}
