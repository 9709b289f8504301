/** Facts in two columns: a name, and what it is. */
import { make } from "../dom.ts";

export type Facts = [string, Node | string][];

export function factList(facts: Facts): HTMLElement {
  return make("dl", {}, ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}
