/**
 * What a program is told to do: one command a line, its words apart by tabs, the first of them the thread. The programs
 * of test/record/programs/ all know these commands, do nothing else, and log each call (see calls.ts).
 */

export interface Command {
  readonly thread?: string;
  readonly words: readonly string[];
}

const command = (...words: readonly (string | number)[]): Command => ({ words: words.map(String) });

export const open = (connection: string, path: string, timeoutMs: number): Command =>
  command("open", connection, timeoutMs, path);
export const sql = (connection: string, text: string): Command => command("sql", connection, text);
/** Reads one row, and leaves the statement open. */
export const fetchOne = (connection: string, text: string): Command => command("fetch", connection, text);
export const drop = (connection: string): Command => command("drop", connection);
export const close = (connection: string): Command => command("close", connection);
export const sleep = (ms: number): Command => command("sleep", ms);
/** On stdout: all before it is done. */
export const say = (word: string): Command => command("say", word);
/** A child does what stands in `script`, and logs to `log`; its parent waits for it. */
export const fork = (script: string, log: string): Command => command("fork", script, log);
/** SIGKILL, by itself. */
export const die = (): Command => command("die");

/** In another thread of the program, which begins with its first command. */
export const inThread = (thread: string, commands: readonly Command[]): Command[] =>
  commands.map(({ words }) => ({ thread, words }));

export function textOf(commands: readonly Command[]): string {
  return commands.map(({ thread = "main", words }) => `${[thread, ...words].join("\t")}\n`).join("");
}
