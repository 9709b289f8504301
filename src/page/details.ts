/** What is known of one event, with links to those that it waited for, or that waited for it. */
import {
  ENDED_BY,
  LEFT_OPEN_BY,
  LOCK_AT_LEAST,
  LOCK_STILL,
  REFUSAL_LIKELY,
  TRANSACTION_ALONE,
  TRANSACTION_SHARED_LOCKS,
  WAIT_LIKELY,
  WAIT_PERHAPS_SEVERAL,
  WAIT_WHILE_READING,
  WAIT_WITHIN_PROCESS,
} from "../render/page/data.ts";
import { exactLength } from "../render/page/length-text.ts";
import { escapeLines, escapeText } from "../text/escape.ts";
import { count, grouped } from "../text/list.ts";
import { make } from "./dom.ts";
import { headText, lockName, processOf, processText, sqlOf, textAt } from "./event-text.ts";
import type { EventRef, Model } from "./model.ts";

export interface DetailsActions {
  readonly open: (ref: EventRef) => void;
}

const MOST_LINKS = 20;

export function detailsOf(model: Model, ref: EventRef, { open }: DetailsActions): HTMLElement {
  const { data, clock } = model;
  const fromMs = data.fromMs + model.fromUs(ref) / 1_000;
  const toMs = fromMs + model.lengthOf(ref) / 1_000;
  const process = processOf(model, ref);
  const lane = data.lanes[model.laneOf(ref)];
  const connection = lane?.connection ?? null;
  const facts: [string, Node | string][] = [
    ["Process", whoOf(model, process)],
    ["Database", escapeText(textAt(model, lane?.path ?? -1) ?? "?")],
    ...(connection === null ? [] : [["Connection", String(connection % 1_000_000_000)] as [string, string]]),
    ...(ref.kind === "counted" ? [] : threadOf(model, ref, process)),
    ["From", clock.text(fromMs)],
    ...(ref.kind === "refusal" ? [] : [["To", `${clock.text(toMs)}${stillText(model, ref)}`] as [string, string]]),
    [
      ref.kind === "refusal" ? "Call took" : "Length",
      `${model.isAtLeast(ref) ? "at least " : ""}${exactLength(model.lengthOf(ref) / 1_000)}`,
    ],
    ...FACTS[ref.kind](model, ref.id),
    ...siteFacts(model, ref),
  ];
  const sql = sqlOf(model, ref);
  const panel = make("div", { class: "details" }, make("h3", {}, sentence(headText(model, ref))), factList(facts));
  if (ref.kind === "transaction") panel.append(...statementsOf(model, ref.id));
  else if (ref.kind !== "counted") panel.append(...statementOf(sql));
  panel.append(...blockersOf(model, ref, open), ...behindOf(model, ref, open));
  return panel;
}

type Facts = [string, Node | string][];

const FACTS: Readonly<Record<EventRef["kind"], (model: Model, id: number) => Facts>> = {
  lock: ({ data }, id) => {
    const flags = data.locks.flags[id] as number;
    const shared = flags >> 2;
    return [
      ...(shared > 1 ? [["Shared by", count(shared, "connection")] as [string, string]] : []),
      ...((flags & LOCK_AT_LEAST) === 0
        ? []
        : [["Lower bound", "it was held before, or maybe after"] as [string, string]]),
    ];
  },
  wait: (model, id) => {
    const { waits } = model.data;
    const flags = waits.flags[id] as number;
    const overslept = waits.overslept[id] as number;
    const result = textAt(model, waits.result[id] as number);
    const notes: Facts = [
      ["Attempts", grouped(waits.attempts[id] as number)],
      ...(result === null ? [] : [["Result", escapeText(result)] as [string, string]]),
      ...(overslept < 1_000 ? [] : [["Free before it looked", exactLength(overslept / 1_000)] as [string, string]]),
    ];
    const add = (flag: number, text: string) => {
      if ((flags & flag) !== 0) notes.push(["Note", text]);
    };
    add(WAIT_PERHAPS_SEVERAL, "perhaps several calls: the calls themselves were not seen");
    add(WAIT_WITHIN_PROCESS, "for another connection of its own process, inside SQLite (likely)");
    add(WAIT_WHILE_READING, "it had the database to read: SQLite does not wait then, it could be a deadlock");
    add(WAIT_LIKELY, "likely: the program tells that its call took so long; attempts were not seen");
    return notes;
  },
  transaction: (model, id) => {
    const { transactions, sites } = model.data;
    const known = (us: number) => (us < 0 ? null : exactLength(us / 1_000));
    const siteAt = (index: number) => textAt(model, sites[index]?.text ?? -1);
    const row = (name: string, text: string | null): Facts => (text === null ? [] : [[name, text]]);
    const flags = transactions.flags[id] as number;
    const pause = known(transactions.pause[id] as number);
    const before = siteAt(transactions.pauseBefore[id] as number);
    const after = siteAt(transactions.pauseAfter[id] as number);
    const endedBy = ENDED_BY[transactions.endedBy[id] as number];
    const leftOpenBy = LEFT_OPEN_BY[transactions.leftOpenBy[id] as number];
    return [
      ...row("In SQLite", known(transactions.inside[id] as number)),
      ...row("Outside SQLite", known(transactions.outside[id] as number)),
      ...row("Waiting for locks", known(transactions.waited[id] as number)),
      ...row("Write lock after", known(transactions.writeAfter[id] as number)),
      ...row("Ended at", siteAt(transactions.endedAt[id] as number)),
      ...row("Ended by", endedBy === undefined ? null : endedBy === "close" ? "close()" : "dropped without close()"),
      ...row("Left open by", leftOpenBy ?? null),
      ...row(
        "Longest pause",
        pause === null
          ? null
          : [pause, after === null ? "" : `after ${after}`, before === null ? "" : `before ${before}`].join(" ").trim(),
      ),
      ...row(
        "Note",
        (flags & TRANSACTION_SHARED_LOCKS) === 0
          ? null
          : "it read with locks that another connection of its process had (likely)",
      ),
      ...row("Note", (flags & TRANSACTION_ALONE) === 0 ? null : "as the program tells: no lock was seen for it"),
    ];
  },
  refusal: ({ data }, id) => {
    const waited = data.refusals.waited[id] as number;
    return [
      ...(waited <= 0 ? [] : [["Waited inside SQLite", `${exactLength(waited / 1_000)} (likely)`] as [string, string]]),
      ...(((data.refusals.flags[id] as number) & REFUSAL_LIKELY) === 0
        ? []
        : [["Note", "the reason is likely, not proved"] as [string, string]]),
    ];
  },
  counted: ({ data }, id) => {
    const longest = data.counted.longest[id] as number;
    return [
      ["Holds", grouped(data.counted.times[id] as number)],
      ["In all", exactLength((data.counted.total[id] as number) / 1_000)],
      ["Longest", longest < 0 ? "not known" : exactLength(longest / 1_000)],
      ["Note", "too short to be listed one by one"],
    ];
  },
};

function stillText(model: Model, { kind, id }: EventRef): string {
  const still = kind === "lock" && ((model.data.locks.flags[id] as number) & LOCK_STILL) !== 0;
  return still || (kind === "transaction" && model.data.transactions.outcome[id] === 2) ? " (still, at the end)" : "";
}

function whoOf(model: Model, process: number): string {
  const { user = null, unit = null, container = null } = model.data.processes[process] ?? {};
  const more = [
    ...(user === null ? [] : [`user ${escapeText(user)}`]),
    ...(unit === null ? [] : [`unit ${escapeText(unit)}`]),
    ...(container === null ? [] : [`container ${escapeText(container)}`]),
  ];
  return `${processText(model, process)}${more.length === 0 ? "" : `, ${more.join(", ")}`}`;
}

function threadOf(model: Model, ref: EventRef, process: number): Facts {
  if (ref.kind === "counted") return [];
  const { locks, waits, transactions, refusals } = model.data;
  const tid = { lock: locks, wait: waits, transaction: transactions, refusal: refusals }[ref.kind].tid[ref.id];
  return tid === undefined || tid < 0 || tid === model.data.processes[process]?.pid ? [] : [["Thread", String(tid)]];
}

function siteFacts(model: Model, ref: EventRef): Facts {
  if (ref.kind === "counted") return [];
  const { locks, waits, transactions, refusals } = model.data;
  const site = { lock: locks, wait: waits, transaction: transactions, refusal: refusals }[ref.kind].site[ref.id] ?? -1;
  return siteRows(model, site, ref.kind === "transaction" ? "Begun at" : "Line of code");
}

function siteRows(model: Model, index: number, name: string): Facts {
  const site = model.data.sites[index];
  const text = textAt(model, site?.text ?? -1);
  if (site === undefined || text === null) return [];
  const callers = site.calledFrom.map((each) => textAt(model, each)).filter((each) => each !== null);
  const node = make("span", {}, text);
  const file = textAt(model, site.file);
  if (file !== null) node.title = escapeText(`${file}:${site.line}`);
  return [[name, node], ...callers.map((each): [string, string] => ["Called from", each])];
}

function factList(facts: Facts): HTMLElement {
  return make("dl", {}, ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

function statementOf(sql: string | null): HTMLElement[] {
  return [make("h4", {}, "Statement"), sql === null ? make("p", { class: "note" }, "Not known.") : sqlBlock(sql)];
}

function sqlBlock(sql: string): HTMLElement {
  return make("pre", { tabindex: "0" }, make("code", {}, escapeLines(sql)));
}

function statementsOf(model: Model, id: number): HTMLElement[] {
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

function blockersOf(model: Model, ref: EventRef, open: (ref: EventRef) => void): HTMLElement[] {
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

function behindOf(model: Model, ref: EventRef, open: (ref: EventRef) => void): HTMLElement[] {
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

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
