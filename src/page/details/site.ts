/** A line of code, and the lines that it was called from. */
import { escapeText } from "../../text/escape.ts";
import { make } from "../dom.ts";
import { textAt } from "../event-text.ts";
import type { Model } from "../model.ts";
import type { Facts } from "./fact-list.ts";

export function siteRows(model: Model, index: number, name: string): Facts {
  const site = model.data.sites[index];
  const text = textAt(model, site?.text ?? -1);
  if (site === undefined || text === null) return [];
  const callers = site.calledFrom.map((each) => textAt(model, each)).filter((each) => each !== null);
  const node = make("span", {}, text);
  const file = textAt(model, site.file);
  if (file !== null) node.title = escapeText(`${file}:${site.line}`);
  return [[name, node], ...callers.map((each): [string, string] => ["Called from", each])];
}
