/**
 * Why no tracer gets into a command, as far as its words tell. It may start other programs that have one, and what it
 * says may be wrong for a wrapper: the recording is the same. Pure but for `fileStart`.
 */
import { basename } from "node:path";

export type Untraceable =
  | { readonly why: "python-option"; readonly program: string; readonly option: string }
  | { readonly why: "node-permission"; readonly program: string }
  | { readonly why: "environment"; readonly program: string }
  | { readonly why: "static"; readonly program: string };

/** The first bytes of the program, and the path it was found at; null: it cannot be read. */
export type FileStart = (program: string) => Buffer | null;

const MOST_WRAPPERS = 8;

export function whyNotTraced(command: readonly string[], fileStart: FileStart): Untraceable | null {
  let words = [...command];
  for (let i = 0; i < MOST_WRAPPERS; i++) {
    const [program, ...args] = words;
    if (program === undefined) return null;
    const name = basename(program);
    if (name === "env") {
      const inner = insideEnv(args);
      if (inner === null) return { why: "environment", program: "env -i" };
      words = inner;
      continue;
    }
    if (CLEARING.has(name)) return { why: "environment", program: name };
    if (PYTHON.test(name)) return pythonOption(name, args);
    if (NODE.test(name)) return hasPermission(args) ? { why: "node-permission", program: name } : null;
    const start = fileStart(program);
    if (start === null) return null;
    const shebang = shebangOf(start);
    if (shebang !== null) {
      words = [...shebang, program, ...args];
      continue;
    }
    return isStatic(start) ? { why: "static", program: name } : null;
  }
  return null;
}

/** Their commands get another environment. `su` and `runuser` do with `-`, and are rarely used without. */
const CLEARING: ReadonlySet<string> = new Set(["sudo", "doas", "su", "runuser", "pkexec", "systemd-run"]);

const PYTHON = /^(?:python|pypy)(?:\d+(?:\.\d+)?)?$/;

const NODE = /^node(?:js)?(?:\d+)?$/;

/**
 * Before the script. With its permission model Node.js would not start: it may not read what is to be loaded first.
 * Source: https://nodejs.org/api/permissions.html
 */
export function hasPermission(args: readonly string[]): boolean {
  const script = args.findIndex((word) => !word.startsWith("-"));
  const own = script < 0 ? args : args.slice(0, script);
  return own.some((word) => /^--(?:experimental-)?permission(?:=|$)/.test(word));
}

/** Null: the environment is emptied. Source: env(1) */
function insideEnv(args: readonly string[]): string[] | null {
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] as string;
    if (word === "-" || word === "-i" || word === "--ignore-environment") return null;
    if (word === "-u" || word === "-C" || word === "-S" || word === "--unset" || word === "--chdir") at += 1;
    else if (word === "--") return args.slice(at + 1);
    else if (!word.startsWith("-") && !word.includes("=")) break;
  }
  return args.slice(at);
}

/** Before the script, -c or -m. Source: python(1), OPTIONS */
function pythonOption(program: string, args: readonly string[]): Untraceable | null {
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string;
    if (!word.startsWith("-") || word === "-" || word.startsWith("--")) return null;
    for (const [i, letter] of [...word.slice(1)].entries()) {
      if (letter === "I" || letter === "S" || letter === "E")
        return { why: "python-option", program, option: `-${letter}` };
      if (letter === "c" || letter === "m") return null;
      if (letter === "W" || letter === "X") {
        if (i === word.length - 2) at += 1; // its value is the next word
        break;
      }
    }
  }
  return null;
}

/** The words of `#!`, at most the program and one argument. Source: execve(2), Interpreter scripts */
function shebangOf(start: Buffer): string[] | null {
  if (start.toString("latin1", 0, 2) !== "#!") return null;
  const [line = ""] = start.toString("utf8", 2, 256).split("\n");
  const words = /^\s*(\S+)(?:\s+(.*\S))?\s*$/.exec(line);
  if (words === null) return null;
  const [, program = "", argument] = words;
  if (argument === undefined) return [program];
  // env -S splits its argument
  return basename(program) === "env" ? [program, ...argument.replace(/^-S\s*/, "").split(/\s+/)] : [program, argument];
}

const ELF_MAGIC = "\x7fELF";
const PT_INTERP = 3;

/** A 64-bit program without an interpreter: no library of another can be in it. Source: elf(5) */
function isStatic(start: Buffer): boolean {
  if (start.length < 64 || start.toString("latin1", 0, 4) !== ELF_MAGIC) return false;
  if (start[4] !== 2 || start[5] !== 1) return false; // little-endian, 64 bits
  const [offset, size, count] = [Number(start.readBigUInt64LE(32)), start.readUInt16LE(54), start.readUInt16LE(56)];
  for (let i = 0; i < count; i++) {
    const at = offset + i * size;
    if (at + 4 > start.length) return false; // it is not known
    if (start.readUInt32LE(at) === PT_INTERP) return false;
  }
  return count > 0;
}
