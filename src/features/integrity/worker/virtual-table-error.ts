/**
 * What an error or a row of the check of a virtual table means: only SQLITE_CORRUPT is damage. Pure. Source:
 * `fts5_config.c`, `fts5_main.c`, `fts5_tokenize.c`, `fts3.c`, `fts3_write.c` of SQLite 3.53.
 */
import { messageOf } from "../../../worker/sqlite-error.ts";
import type { Unchecked } from "../protocol.ts";
import { moduleArguments, optionIn, tokenizerWords } from "./module-arguments.ts";
import { missingRequirement } from "./requirement.ts";
import type { VirtualTable } from "./schema.ts";

/** Of sqlite3Fts5TokenizerInit, in lower case. */
export const FTS5_TOKENIZERS: ReadonlySet<string> = new Set(["unicode61", "ascii", "porter", "trigram"]);

/** Its first argument is another tokenizer. */
const WRAPPER = "porter";

const TOKENIZER_FAILED = "error in tokenizer constructor";

/** An option, an argument or a format that this version of the module does not know. */
const UNSUPPORTED: readonly RegExp[] = [
  /^unrecognized (?:option|column option|parameter|matchinfo|order): /,
  /^(?:parse error in tokenize directive|unknown tokenizer)$/,
];

const FORMAT = /^invalid fts5 file format \(found (?<found>-?\d+), expected (?<known>[\d, or]+)\)/;

/** Why a table was not checked, by an error that is not damage. */
export function uncheckedTable({ name: table, module, sql }: VirtualTable, error: unknown): Unchecked {
  const message = messageOf(error);
  const requirement = missingRequirement(error) ?? (message === TOKENIZER_FAILED ? missingTokenizer(sql) : null);
  if (requirement !== null) return { code: "missing-requirement", table, requirement };
  const { found, known } = FORMAT.exec(message)?.groups ?? {};
  if (found !== undefined && known !== undefined) return { code: "table-format", table, found, known };
  if (message === TOKENIZER_FAILED) {
    const tokenizer = tokenizeOption(sql);
    if (tokenizer !== null) return { code: "tokenizer-arguments", table, tokenizer };
  }
  if (UNSUPPORTED.some((pattern) => pattern.test(message)))
    return { code: "table-option", table, module: module ?? "", message };
  return { code: "sqlite-error", table, message, missing: false };
}

function tokenizeOption(sql: string): string | null {
  return optionIn(moduleArguments(sql), "tokenize", { abbreviated: true });
}

/** FTS5 does not name the one that is wrapped in another. */
function missingTokenizer(sql: string): { readonly type: "tokenizer"; readonly name: string } | null {
  const words = tokenizerWords(tokenizeOption(sql) ?? "");
  const name = words.find((word, i) => i === words.length - 1 || word.toLowerCase() !== WRAPPER);
  return name === undefined || FTS5_TOKENIZERS.has(name.toLowerCase()) ? null : { type: "tokenizer", name };
}

/** The table could not be read; with SQLITE_CORRUPT the message ends in other words. */
const UNREADABLE = /^unable to validate the inverted index for FTS\d table .*: SQL logic error$/s;

export function isUnreadable(row: string): boolean {
  return UNREADABLE.test(row);
}

/** What FTS3 and FTS4 read the text with. */
export interface TextSource {
  /** The text is nowhere (`content=''`). */
  readonly isContentless: boolean;
  /** Where it is, if not in a table of its own. */
  readonly table: string | null;
  /** The function that unpacks it. */
  readonly uncompress: string | null;
}

export function textSourceOf({ sql }: VirtualTable): TextSource {
  const args = moduleArguments(sql);
  const value = (name: string) => optionIn(args, name, { abbreviated: false });
  const content = value("content");
  return {
    isContentless: content === "",
    table: content === "" ? null : content,
    uncompress: value("uncompress"),
  };
}
