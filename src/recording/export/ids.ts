/** Numbers of what many rows name: processes, databases, statements, lines of code. Each has a row of its own. Pure. */
import type { CallSite, ProcessLine } from "../lines.ts";
import type { Row, TableName } from "./tables.ts";

/** A process is known by its number and its start; without the start it is the last one of that number. */
export interface Named {
  readonly pid: number;
  readonly startTicks: string | null;
}

export type Put = <Name extends TableName>(table: Name, row: Row<Name>) => void;

/** In characters: what is not remembered any more has several rows. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** Texts with a number, from 1 on. */
class Numbered {
  readonly #byText = new Map<string, number>();
  #characters = 0;
  #last = 0;

  /** `isNew`: it has no row yet. */
  of(text: string): { readonly id: number; readonly isNew: boolean } {
    const known = this.#byText.get(text);
    if (known !== undefined) return { id: known, isNew: false };
    const id = ++this.#last;
    this.#characters += text.length;
    if (this.#characters > MOST_CHARACTERS) {
      this.#byText.clear();
      this.#characters = text.length;
    }
    this.#byText.set(text, id);
    return { id, isNew: true };
  }
}

export class Ids {
  readonly #put: Put;
  readonly #processes = new Map<string, number>();
  /** The last one of a number. */
  readonly #lastOfPid = new Map<number, number>();
  readonly #databases = new Map<string, number>();
  readonly #statements = new Numbered();
  readonly #codeLines = new Numbered();

  constructor(put: Put) {
    this.#put = put;
  }

  process({ pid, startTicks }: Named): number {
    const last = startTicks === null ? this.#lastOfPid.get(pid) : undefined;
    if (last !== undefined) return last;
    const key = `${pid} ${startTicks}`;
    const known = this.#processes.get(key);
    if (known !== undefined) return known;
    const id = this.#processes.size + 1;
    this.#processes.set(key, id);
    this.#lastOfPid.set(pid, id);
    const unknown = { name: null, command_line: null, user: null, uid: null, unit: null, container: null };
    this.#put("processes", { id, pid, start_ticks: startTicks, ...unknown });
    return id;
  }

  /** The row of a process has what its last line says: it may have executed another program. */
  describe(line: ProcessLine): void {
    const { pid, startTicks, name, commandLine, user, uid, unit, container } = line;
    const id = this.process(line);
    const about = { name, command_line: commandLine?.join(" ") ?? null, user, uid, unit, container };
    this.#put("processes", { id, pid, start_ticks: startTicks, ...about });
  }

  database(path: string): number {
    const known = this.#databases.get(path);
    if (known !== undefined) return known;
    const id = this.#databases.size + 1;
    this.#databases.set(path, id);
    this.#put("databases", { id, path });
    return id;
  }

  statement(sql: string | null): number | null {
    if (sql === null) return null;
    const { id, isNew } = this.#statements.of(sql);
    if (isNew) this.#put("statements", { id, sql });
    return id;
  }

  codeLine(site: CallSite | null | undefined): number | null {
    if (site == null) return null;
    const { file, line, function: name, inLibrary, calledFrom } = site;
    const called = calledFrom?.map((each) => `${each.file}:${each.line}`).join(", ") ?? null;
    const { id, isNew } = this.#codeLines.of(JSON.stringify([file, line, name, inLibrary, called]));
    const about = { in_library: inLibrary === true ? 1 : 0, called_from: called };
    if (isNew) this.#put("code_lines", { id, file, line, function: name, ...about });
    return id;
  }
}
