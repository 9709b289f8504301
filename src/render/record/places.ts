/** Which database is meant, where several are recorded: by the name of its file, or by its path. Pure. */
import { basename } from "node:path";
import type { RefusalLine } from "../../recording/lines.ts";
import { escapeText } from "../../text/escape.ts";

type Databases = readonly { readonly path: string }[];

/** `app.db`; its path where another one has that name. Escaped. */
export function databaseName(path: string, databases: Databases): string {
  const name = basename(path);
  const isOther = (other: string) => other !== path && basename(other) === name;
  return escapeText(databases.some((each) => isOther(each.path)) ? path : name);
}

/** `app.db: `; empty where there is one database. `pathIs`: as of a refusal. */
export function whereText(path: string, databases: Databases, pathIs?: RefusalLine["pathIs"]): string {
  if (databases.length < 2) return "";
  if (pathIs === "unknown") return "database not known: ";
  return `${databaseName(path, databases)}${pathIs === undefined ? "" : " (likely)"}: `;
}
