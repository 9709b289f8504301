/**
 * Values that stand in statements as bare words: the keys of encrypted databases, the settings of extensions. Pure.
 * Source: pragma.html and lang_attach.html of SQLite; SQLCipher, SEE and SQLite3 Multiple Ciphers for keys.
 */
import { type Token, unquoted } from "./solid-tokens.ts";

/** SQLite's own: their values are numbers, words of SQLite, and names. Any other may get a password. */
const PRAGMAS = new Set(
  (
    "analysis_limit application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill " +
    "case_sensitive_like cell_size_check checkpoint_fullfsync collation_list compile_options count_changes " +
    "data_store_directory data_version database_list default_cache_size defer_foreign_keys empty_result_callbacks " +
    "encoding foreign_key_check foreign_key_list foreign_keys freelist_count full_column_names fullfsync " +
    "function_list hard_heap_limit ignore_check_constraints incremental_vacuum index_info index_list index_xinfo " +
    "integrity_check journal_mode journal_size_limit legacy_alter_table legacy_file_format lock_proxy_file " +
    "lock_status locking_mode max_page_count mmap_size module_list optimize page_count page_size parser_trace " +
    "pragma_list query_only quick_check read_uncommitted recursive_triggers reverse_unordered_selects " +
    "schema_version secure_delete short_column_names shrink_memory soft_heap_limit stats synchronous table_info " +
    "table_list table_xinfo temp_store temp_store_directory threads trusted_schema user_version " +
    "wal_autocheckpoint wal_checkpoint writable_schema"
  ).split(" "),
);

/** Index of the first token of a key, or of what may be one; Infinity without. `start`: of the statement. */
export function startOfSecret(tokens: readonly Token[], start: number, end: number): number {
  const first = afterExplain(tokens, start);
  if (tokens[first]?.word === "pragma") {
    const name = tokens[first + 2]?.word === "." ? first + 3 : first + 1;
    if (PRAGMAS.has(unquoted(tokens[name]?.text ?? "").toLowerCase())) return Number.POSITIVE_INFINITY;
    const sign = tokens[name + 1]?.word;
    const value = sign === "=" || sign === "(" ? name + 2 : name + 1;
    return value < end ? value : Number.POSITIVE_INFINITY;
  }
  if (tokens[first]?.word === "attach") {
    for (let index = first + 1; index < end; index++) if (tokens[index]?.word === "key") return index + 1;
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * Tokens that are values although they look like names: the file of ATTACH, and what stands after `=` in the arguments
 * of a virtual table (`using odbc(password=secret)`).
 */
export function bareValues(tokens: readonly Token[], start: number, end: number): ReadonlySet<number> {
  const first = afterExplain(tokens, start);
  if (tokens[first]?.word === "attach") {
    const file = tokens[first + 1]?.word === "database" ? first + 2 : first + 1;
    return new Set(file < end && tokens[file]?.kind === "word" ? [file] : []);
  }
  if (tokens[first]?.word !== "create" || tokens[first + 1]?.word !== "virtual") return NONE;
  const values = new Set<number>();
  let depth = 0;
  let isValue = false;
  for (let index = first + 2; index < end; index++) {
    const { word = "" } = tokens[index] ?? {};
    if (word === "(") depth++;
    else if (word === ")") depth--;
    if (depth === 0 || (depth === 1 && word === ",")) isValue = false;
    else if (isValue) values.add(index);
    else if (word === "=") isValue = true;
  }
  return values;
}

const NONE: ReadonlySet<number> = new Set();

/** EXPLAIN, or EXPLAIN QUERY PLAN, and then a statement. */
function afterExplain(tokens: readonly Token[], start: number): number {
  if (tokens[start]?.word !== "explain") return start;
  return tokens[start + 1]?.word === "query" && tokens[start + 2]?.word === "plan" ? start + 3 : start + 1;
}
