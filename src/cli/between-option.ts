/** `--between 03:00 03:30 night.jsonl`: the two times are two values. Pure. */

import { parseMoment } from "../recording/history/moment.ts";

/** Each gets a `--between=` of its own: commander gives an option one value. After `--` everything stays as it is. */
export function splitBetween(argv: readonly string[]): string[] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const split: string[] = [];
  for (let at = 0; at < end; at++) {
    const [from, to] = [argv[at + 1], argv[at + 2]];
    if (argv[at] !== "--between" || from === undefined || to === undefined) {
      split.push(argv[at] as string);
      continue;
    }
    // what is no time is the recording: then one time is missing, which the command says
    const isTime = parseMoment(to) !== null;
    split.push(`--between=${from}`, ...(isTime ? [`--between=${to}`] : []));
    at += isTime ? 2 : 1;
  }
  return [...split, ...argv.slice(end)];
}
