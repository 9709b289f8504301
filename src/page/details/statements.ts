/** The statement of an event, or those of a transaction. */
import { exactLength } from "../../render/page/length-text.ts";
import { escapeLines, escapeText } from "../../text/escape.ts";
import { count, grouped } from "../../text/list.ts";
import { make } from "../dom.ts";
import { textAt } from "../event-text.ts";
import type { Model } from "../model.ts";

export function statementOf(sql: string | null): HTMLElement[] {
  return [make("h4", {}, "Statement"), sql === null ? make("p", { class: "note" }, "Not known.") : sqlBlock(sql)];
}

export function sqlBlock(sql: string): HTMLElement {
  return make("pre", { tabindex: "0" }, make("code", {}, escapeLines(sql)));
}

export function statementsOf(model: Model, id: number): HTMLElement[] {
  const { transactions, sequences, statements } = model.data;
  const sequence = sequences[transactions.sequence[id] as number] ?? [];
  const more = transactions.moreStatements[id] as number;
  const timed = transactions.timed[id] as number;
  const first = model.statementsAt(id);
  const items = Array.from({ length: sequence.length / 2 }, (_, i) => {
    const sql = textAt(model, sequence[i * 2] as number);
    const times = sequence[i * 2 + 1] as number;
    const result = i < timed ? textAt(model, statements.result[first + i] as number) : null;
    const notes = [
      ...(i < timed ? [`after ${exactLength((statements.after[first + i] as number) / 1_000)}`] : []),
      ...(i < timed ? [`took ${exactLength((statements.length[first + i] as number) / 1_000)}`] : []),
      ...(times > 1 ? [`${grouped(times)} in a row`] : []),
      ...(result === null || result === "SQLITE_DONE" ? [] : [escapeText(result)]),
    ].join(", ");
    return make(
      "li",
      {},
      make("code", {}, sql === null ? "not known" : escapeLines(sql)),
      notes === "" ? null : make("small", {}, ` ${notes}`),
    );
  });
  if (items.length === 0) return [make("h4", {}, "Statements"), make("p", { class: "note" }, "Not known.")];
  const last =
    more > 0 ? [make("p", { class: "note" }, `${count(more, "more", "more")} that the recording does not list.`)] : [];
  return [make("h4", {}, "Statements"), make("ol", { class: "statements" }, ...items), ...last];
}
