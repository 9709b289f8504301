/** Who was in the way of an event, and who was behind a lock: with links to their bars. */
import { exactLength } from "../../render/page/length-text.ts";
import { count } from "../../text/list.ts";
import { make } from "../dom.ts";
import { headText, lockName, processOf, processText, textAt } from "../event-text.ts";
import type { EventRef, Model } from "../model.ts";
import { factList } from "./fact-list.ts";
import { siteRows } from "./site.ts";
import { sqlBlock } from "./statements.ts";

const MOST_LINKS = 20;

export function blockersOf(model: Model, ref: EventRef, open: (ref: EventRef) => void): HTMLElement[] {
  if (ref.kind !== "wait" && ref.kind !== "refusal") return [];
  const { data } = model;
  const all = model.blockersOf(ref);
  if (all.length === 0)
    return ref.kind === "wait"
      ? [make("h4", {}, "Behind"), make("p", { class: "note" }, "The blocker is not known.")]
      : [];
  const items = all.map((blocker) => {
    const lock = model.lockOfBlocker(blocker);
    const atLeast = data.blockers.atLeast[blocker] === 1 ? "at least " : "";
    const who = processText(model, data.blockers.process[blocker] as number);
    const held = exactLength((data.blockers.held[blocker] as number) / 1_000);
    const head = `${who}: ${lockName(model, data.blockers.kind[blocker] as number)} for ${atLeast}${held}`;
    const sql = textAt(model, data.blockers.sql[blocker] as number);
    const site = siteRows(model, data.blockers.site[blocker] as number, "Taken at");
    return make(
      "li",
      {},
      lock === null ? make("span", {}, head) : link(head, () => open(lock)),
      make("small", {}, ` in the way for ${exactLength((data.blockers.blocked[blocker] as number) / 1_000)}`),
      site.length === 0 ? null : factList(site),
      sql === null ? null : sqlBlock(sql),
    );
  });
  const more = (ref.kind === "wait" ? data.waits : data.refusals).moreBlockers[ref.id] as number;
  const last =
    more > 0 ? [make("p", { class: "note" }, `${count(more, "more", "more")} that this page does not list.`)] : [];
  return [make("h4", {}, "Behind"), make("ul", { class: "links" }, ...items), ...last];
}

export function behindOf(model: Model, ref: EventRef, open: (ref: EventRef) => void): HTMLElement[] {
  if (ref.kind !== "lock") return [];
  const all = model.behind(ref.id);
  if (all.length === 0) return [];
  const items = all.slice(0, MOST_LINKS).map((each) => {
    return make(
      "li",
      {},
      link(`${processText(model, processOf(model, each))} ${headText(model, each)}`, () => open(each)),
    );
  });
  const more = all.length - items.length;
  const last = more > 0 ? [make("p", { class: "note" }, `${count(more, "more", "more")}.`)] : [];
  return [make("h4", {}, `${count(all.length, "call")} behind it`), make("ul", { class: "links" }, ...items), ...last];
}

function link(text: string, onClick: () => void): HTMLButtonElement {
  const element = make("button", { type: "button", class: "link" }, text);
  element.addEventListener("click", onClick);
  return element;
}
