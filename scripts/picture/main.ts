/**
 * `npm run picture`: docs/who-holds.svg and docs/record.svg, from the screen of a real terminal. Real processes use a
 * WAL database, sqlock is run on it, and what is on the screen becomes the picture. It needs root (the database lies in
 * a mount namespace of its own, as /srv/app/db.sqlite3, and record uses the kernel's events), tmux, python3 and
 * util-linux. `npm run picture record` makes that one alone; `--output FOLDER` puts them elsewhere.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../test/support/root.ts";
import { PICTURES } from "./pictures.ts";
import { svgOf } from "./svg.ts";

const COLUMNS = 112;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { output: { type: "string", default: join(ROOT, "docs") } },
});
for (const { name, title, take } of PICTURES) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const screen = await take(COLUMNS);
  writeFileSync(join(values.output, `${name}.svg`), svgOf(screen, COLUMNS, title));
  console.log(screen);
}
