/** The pictures of the README: what runs on the terminal, and beside it. */
import { contendedDatabase } from "./contended.ts";
import { heldDatabase } from "./held.ts";
import { screenOf } from "./terminal.ts";

interface Picture {
  /** Of its file, without `.svg`. */
  readonly name: string;
  /** What a screen reader says of it. */
  readonly title: string;
  /** The lines on the screen. */
  readonly take: (columns: number) => Promise<string>;
}

export const PICTURES: readonly Picture[] = [
  {
    name: "who-holds",
    title:
      "A terminal: sqlock who-holds db.sqlite3 names the process that holds the write lock and the one that keeps " +
      "the WAL from being checkpointed, for how long, and what to do.",
    take: async (columns) => {
      const held = await heldDatabase(240);
      try {
        return await screenOf({ ...held, command: "sqlock who-holds db.sqlite3", columns });
      } finally {
        await held.end();
      }
    },
  },
  {
    name: "record",
    title:
      "A terminal: sqlock record --for 10s db.sqlite3 shows which processes were refused the write lock, for how " +
      "long, the transaction that they waited for with its statements, and what to change.",
    take: (columns) => recordScreen({ seconds: 10, columns }),
  },
];

/** What a recording shows while three processes wait for a fourth. */
export async function recordScreen({
  seconds,
  columns,
}: {
  readonly seconds: number;
  readonly columns: number;
}): Promise<string> {
  const contended = await contendedDatabase();
  try {
    return await screenOf({
      ...contended,
      command: `sqlock record --for ${seconds}s db.sqlite3`,
      columns,
      rows: 43, // a common terminal: the end of a recording fits it
      // the counter: by then the calls of SQLite are probed, as they are in a recording that has run for a while
      during: { from: /^[1-9][\d.]* s: 0 waits/m, run: () => contended.run(seconds * 0.75) },
    });
  } finally {
    await contended.end();
  }
}
