/** What is known of one event, with links to those that it waited for, or that waited for it. */
import { LOCK_STILL } from "../../render/page/data.ts";
import { exactLength } from "../../render/page/length-text.ts";
import { escapeText } from "../../text/escape.ts";
import { make } from "../dom.ts";
import { headText, processOf, processText, sqlOf, textAt } from "../event-text.ts";
import type { EventRef, Model } from "../model.ts";
import { type Facts, factList } from "./fact-list.ts";
import { FACTS } from "./facts.ts";
import { behindOf, blockersOf } from "./links.ts";
import { siteRows } from "./site.ts";
import { statementOf, statementsOf } from "./statements.ts";

export interface DetailsActions {
  readonly open: (ref: EventRef) => void;
}

export function detailsOf(model: Model, ref: EventRef, { open }: DetailsActions): HTMLElement {
  const { data, clock } = model;
  const fromMs = data.fromMs + model.fromUs(ref) / 1_000;
  const toMs = fromMs + model.lengthOf(ref) / 1_000;
  const process = processOf(model, ref);
  const lane = data.lanes[model.laneOf(ref)];
  const connection = lane?.connection ?? null;
  const facts: Facts = [
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

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
