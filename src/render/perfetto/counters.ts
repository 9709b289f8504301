/** Numbers over time: the WAL of each database, and what was too short to be listed. Pure. */
import type { CountsLine } from "../../recording/lines.ts";
import type { WalLine } from "../../recording/state-lines.ts";
import type { Counter } from "./event.ts";

type Numbers = Readonly<Record<string, number | null>>;

/** Of a database. A number that is not known is left out: the counter goes on as it was. */
export function walCounters({ bytes, frames, copied, pinned }: WalLine, pid: number, ts: number): Counter[] {
  return [
    ...counter("WAL size", { bytes: bytes ?? 0 }, pid, ts),
    ...counter("WAL frames", { frames }, pid, ts),
    ...counter("WAL frames copied back", { copied }, pid, ts),
    ...counter("WAL frames pinned by readers", { pinned }, pid, ts),
  ];
}

/** Per second, from the beginning of the line to its end. `label`: of its database, where there are several. */
export function countsCounters(line: CountsLine, label: string, pid: number, fromUs: number, toUs: number): Counter[] {
  const seconds = (line.toMs - line.fromMs) / 1000;
  if (seconds <= 0) return [];
  let [writes, all] = [0, 0];
  for (const holds of Object.values(line.holds)) {
    writes += holds?.writes ?? 0;
    all += holds?.times ?? 0;
  }
  const rates: readonly (readonly [string, number | null])[] = [
    ["short write locks per second", writes / seconds],
    ["short read locks per second", (all - writes) / seconds],
    ["short waits per second", line.waits === null ? null : line.waits.times / seconds],
  ];
  return rates.flatMap(([name, rate]) =>
    rate === null || rate === 0
      ? []
      : [
          ...counter(`${name}${label}`, { value: rate }, pid, fromUs),
          ...counter(`${name}${label}`, { value: 0 }, pid, toUs),
        ],
  );
}

function counter(name: string, given: Numbers, pid: number, ts: number): Counter[] {
  const args = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, number] => entry[1] !== null),
  );
  return Object.keys(args).length === 0 ? [] : [{ ph: "C", pid, name, ts, args }];
}
