/** What the build makes of src/page: a page has it in its own file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

/** `page`: `report` has a timeline, `stress` only tables and plots, which need no script. */
export function pageFiles(page: "report" | "stress"): PageFiles {
  const read = (name: string) => readFileSync(join(import.meta.dirname, "../page", name), "utf8");
  return { script: read(`${page}.js`), style: read("page.css") };
}
