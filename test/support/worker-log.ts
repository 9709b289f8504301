/** How many workers of integrity a call starts. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "./temp.ts";

/** `env`: with it, each process of Node.js writes a line as it starts. */
export function workerLog(): { readonly env: Record<string, string>; readonly count: () => number } {
  const folder = tempFolder();
  const [log, script] = [join(folder, "log"), join(folder, "log.cjs")];
  writeFileSync(log, "");
  chmodSync(log, 0o666);
  writeFileSync(script, `require("node:fs").appendFileSync(${JSON.stringify(log)}, process.argv[1] + "\\n");`);
  const count = () => readFileSync(log, "utf8").match(/workers\/integrity\.cjs$/gm)?.length ?? 0;
  return { env: { NODE_OPTIONS: `--require=${script}` }, count };
}
