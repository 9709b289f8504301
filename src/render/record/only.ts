/** --pid and --unit in words: what is shown concerns these processes alone. Pure. */
import type { MetaLine, ProcessLine } from "../../recording/lines.ts";
import { isOfUnits, type UnitOf } from "../../recording/units.ts";
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
export function isChosen(process: Pick<ProcessLine, "pid"> & UnitOf, only: Only): boolean {
  if (only === undefined) return true;
  const { pids = [], units = [], unitUids = [] } = only;
  return pids.includes(process.pid) || isOfUnits(process, units, unitUids);
}
