/** `--pid 4242 4243 db.sqlite3`: where the pids end. Pure. */

/**
 * Each pid gets a separate `--pid=`, so that the word after them is the database: commander would take that for one
 * more pid. Everything after `--` stays unchanged.
 */
export function splitPids(argv: readonly string[]): string[] {
  let inPids = false;
  let first = true;
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const split = argv.slice(0, end).flatMap((word) => {
    if (word === "--pid") {
      inPids = true;
      first = true;
      return [];
    }
    if (inPids && (first || /^\d+$/.test(word)) && !word.startsWith("-")) {
      first = false;
      return [`--pid=${word}`];
    }
    const missing = inPids && first;
    inPids = false;
    return missing ? ["--pid", word] : [word];
  });
  return [...split, ...(inPids && first ? ["--pid"] : []), ...argv.slice(end)];
}
