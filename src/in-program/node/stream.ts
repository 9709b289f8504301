/** The messages of one thread: docs/architecture.md, "In the program". */
import { LONGEST_WRITE, type Output, type Sendable } from "./output.ts";

/** Threads share the process's numbers: each counts in a range of its own. */
const NUMBERS_PER_THREAD = 2 ** 32;

/** What other messages refer to by its number: it is sent before the first of them. */
export interface Definition extends Sendable {
  readonly id: number;
  readonly type: string;
  readonly fields: readonly unknown[];
}

export class Stream {
  readonly base: number;
  readonly #output: Output;
  readonly #pid = process.pid;
  readonly #hello: Definition;
  #seq = 0;
  #id = 0;

  constructor(output: Output, thread: number, hello: readonly unknown[]) {
    this.#output = output;
    this.base = thread * NUMBERS_PER_THREAD;
    this.#hello = { id: 0, type: "hello", fields: [...hello, thread], isSent: false };
  }

  /** A number that no other thing of the process has. */
  newId(): number {
    this.#id += 1;
    return this.base + this.#id;
  }

  define(type: string, fields: readonly unknown[]): Definition {
    const id = this.newId();
    return { id, type, fields: [id, ...fields], isSent: false };
  }

  /** Adds a message, with the definitions that it refers to where they are not sent yet. */
  add(type: string, fields: readonly unknown[], ...refers: readonly (Definition | undefined)[]): void {
    this.#need(this.#hello);
    for (const definition of refers) if (definition !== undefined) this.#need(definition);
    this.#send(type, fields);
  }

  /** Says that a program has SQLite, before it uses it. */
  greet(): void {
    this.#need(this.#hello);
    this.flush();
  }

  flush(): void {
    this.#output.flush();
  }

  #need(definition: Definition): void {
    if (definition.isSent) return;
    definition.isSent = true; // before it is: the output takes it back where it could not
    this.#send(definition.type, definition.fields, definition);
  }

  #send(type: string, fields: readonly unknown[], definition?: Definition): void {
    const seq = this.base + this.#seq;
    this.#seq += 1;
    const line = `${ascii(JSON.stringify([type, this.#pid, seq, ...fields]))}\n`;
    if (line.length <= LONGEST_WRITE) this.#output.add(line, definition);
  }
}

export function ascii(text: string): string {
  return /[^\0-\x7f]/.test(text)
    ? text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    : text;
}
