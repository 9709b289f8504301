/** `--between 03:00 03:30 night.jsonl`: the two times are two values. Pure. */

/** Each gets a `--between=` of its own: commander gives an option one value. After `--` everything stays as it is. */
export function splitBetween(argv: readonly string[]): string[] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const split: string[] = [];
  for (let at = 0; at < end; at++) {
    const [from, to] = [argv[at + 1], argv[at + 2]];
    if (argv[at] !== "--between" || from === undefined || to === undefined || at + 2 >= end) {
      split.push(argv[at] as string);
      continue;
    }
    split.push(`--between=${from}`, `--between=${to}`);
    at += 2;
  }
  return [...split, ...argv.slice(end)];
}
