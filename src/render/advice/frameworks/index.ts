/** The frameworks that --advice knows. */
import { UserError } from "../../../errors.ts";
import { escapeText } from "../../../text/escape.ts";
import { EF_CORE, MATTN, RUSQLITE, SQLX } from "./compiled.ts";
import type { FrameworkWords } from "./framework.ts";
import { GENERAL } from "./general.ts";
import { BETTER_SQLITE3, NODE_SQLITE } from "./node.ts";
import { DJANGO, PYTHON, SQLALCHEMY } from "./python.ts";
import { LARAVEL, RAILS } from "./web.ts";

export const FRAMEWORK_WORDS: readonly FrameworkWords[] = [
  ...[DJANGO, SQLALCHEMY, PYTHON, RAILS, LARAVEL, BETTER_SQLITE3, NODE_SQLITE, EF_CORE, MATTN, RUSQLITE, SQLX, GENERAL],
];

/** As other names have it. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "node:sqlite": "node-sqlite",
  sqlite3: "python",
  "go-sqlite3": "mattn",
  "mattn/go-sqlite3": "mattn",
  efcore: "ef-core",
  "microsoft.data.sqlite": "ef-core",
  sql: "general",
};

/** @throws UserError for one that is not known, with those that are */
export function frameworkOf(given: string): FrameworkWords {
  const name = given.toLowerCase();
  const id = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : name;
  const words = FRAMEWORK_WORDS.find((each) => each.id === id);
  if (words !== undefined) return words;
  const known = FRAMEWORK_WORDS.map((each) => each.id).join(", ");
  throw new UserError("usage", `--advice knows no framework ${escapeText(given)}`, `use one of: ${known}`);
}
