/** --pid and --unit in words: what is shown concerns these processes alone. Pure. */
import type { MetaLine, ProcessLine } from "../../recording/lines.ts";
import { escapeText } from "../../text/escape.ts";
import { list } from "../../text/list.ts";

type Only = MetaLine["only"];

/** `process 4242`, `processes 1 and 2, and the unit gunicorn.service`; null: of all. */
export function onlyText(only: Only): string | null {
  if (only === undefined) return null;
  const { pids = [], units = [] } = only;
  const processes = pids.length === 0 ? [] : [`${pids.length === 1 ? "process" : "processes"} ${list(pids)}`];
  const all = units.length === 1 ? "the unit" : "the units";
  return list([...processes, ...(units.length === 0 ? [] : [`${all} ${list(units.map(escapeText))}`])]);
}

/** A process whose row is shown: of others only what concerns these is known. */
export function isChosen({ pid, unit }: Pick<ProcessLine, "pid" | "unit">, only: Only): boolean {
  if (only === undefined) return true;
  return only.pids?.includes(pid) === true || (unit !== null && only.units?.includes(unit) === true);
}
