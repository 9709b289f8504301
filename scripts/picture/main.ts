/**
 * `npm run picture`: docs/who-holds.svg, from the screen of a real terminal. A WAL database is held by two real
 * processes, for `--seconds` (240 unless told); who-holds is run on it; and what is on the screen becomes the picture.
 * It needs root (the database lies in a mount namespace of its own, as /srv/app/db.sqlite3), tmux, python3 and
 * util-linux. `--output FILE` puts it elsewhere.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../test/support/root.ts";
import { heldDatabase } from "./held.ts";
import { svgOf } from "./svg.ts";
import { screenOf } from "./terminal.ts";

const COLUMNS = 112;
const COMMAND = "sqlock who-holds db.sqlite3";
const TITLE =
  `A terminal: ${COMMAND} names the process that holds the write lock and the one that keeps the WAL from being ` +
  "checkpointed, for how long, and what to do.";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "240" },
    output: { type: "string", default: join(ROOT, "docs/who-holds.svg") },
  },
});
const held = await heldDatabase(Number(values.seconds));
try {
  const screen = await screenOf({ command: COMMAND, folder: held.folder, columns: COLUMNS, through: held.through });
  writeFileSync(values.output, svgOf(screen, COLUMNS, TITLE));
  console.log(screen);
} finally {
  await held.end();
}
