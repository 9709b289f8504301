/** Whether a file is a program or library with SQLite in it, and how its calls can be probed. Pure over its bytes. */
import { isGoProgram, readBuildId } from "../../../elf/build-id.ts";
import { ElfError } from "../../../elf/elf-error.ts";
import { type Elf, PT_LOAD, readElf, type Segment, X86_64 } from "../../../elf/header.ts";
import { comparedByte, ENTRY_BYTES, entryOf } from "../../../elf/known-code.ts";
import { PIECE_BYTES, type Read, Source } from "../../../elf/source.ts";
import { type FunctionSymbol, findFunctions } from "../../../elf/symbols.ts";
import { GETTER_BYTES, returnedField } from "../../../elf/x86-64.ts";
import { functionsOfTable } from "./api-table.ts";
import {
  CONNECTION_GETTER,
  NAMES_PREFIX,
  NEEDED,
  type Probe,
  probesOf,
  SQL_GETTER,
  STATE_TEST,
  type StatementLayout,
  WANTED_FUNCTIONS,
} from "./probes.ts";

/**
 * `none`: no functions of SQLite; it may still be in it, stripped. `not-verified`: functions that are not what their
 * names say. `malformed`: no linker made it, or more of it than is read.
 */
export type Examined =
  | {
      readonly kind: "sqlite";
      readonly buildId: string | null;
      readonly probes: readonly Probe[];
      readonly layout: StatementLayout;
    }
  | { readonly kind: "none" | "not-verified" | "other-processor" | "malformed" };

/** @throws whatever `read` throws */
export async function examine(read: Read): Promise<Examined> {
  try {
    return await examineElf(new Source(read));
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    switch (error.problem) {
      case "not-elf":
        return { kind: "none" };
      case "other-class":
      case "other-byte-order":
        return { kind: "other-processor" };
      default:
        return { kind: "malformed" };
    }
  }
}

async function examineElf(source: Source): Promise<Examined> {
  const elf = await readElf(source);
  if (elf.machine !== X86_64) return { kind: "other-processor" };
  const functions = await findFunctions(source, elf, NAMES_PREFIX, WANTED_FUNCTIONS);
  if (!NEEDED.every((name) => functions.has(name))) return { kind: "none" };
  return libraryOf(source, elf, functions);
}

async function libraryOf(source: Source, elf: Elf, functions: Functions): Promise<Examined> {
  const places = probesOf(functions);
  const connectionOffset = await fieldOf(source, functions.get(CONNECTION_GETTER));
  if (places === null || connectionOffset !== 0) return { kind: "not-verified" };
  // a linker leaves out what a program does not call: of two SQLites only one may have it
  const isOfEach = functions.get(STATE_TEST)?.length === functions.get("sqlite3_step")?.length;
  const layout = {
    sqlOffset: await fieldOf(source, functions.get(SQL_GETTER)),
    stateOffset: isOfEach ? await fieldOf(source, functions.get(STATE_TEST), comparedByte) : null,
  };
  const probes: Probe[] = [];
  for (const { functionName, offset } of places)
    probes.push({ functionName, offset: offset + entryOf(await source.upTo(offset, ENTRY_BYTES)) });
  return { kind: "sqlite", buildId: await readBuildId(source, elf), probes, layout };
}

type Functions = ReadonlyMap<string, readonly FunctionSymbol[]>;

/**
 * A file that has SQLite's texts and not its names: by its table of functions, where two of them prove to be what they
 * must be. @throws whatever `read` throws
 */
export async function examineStripped(read: Read): Promise<Examined> {
  const source = new Source(read);
  try {
    const elf = await readElf(source);
    if (elf.machine !== X86_64) return { kind: "other-processor" };
    const isTable = async (functions: Functions) =>
      (await fieldOf(source, functions.get(CONNECTION_GETTER))) === 0 &&
      ((await fieldOf(source, functions.get(SQL_GETTER))) ?? 0) > 0;
    const functions = await functionsOfTable(source, elf, isTable);
    return functions === null ? { kind: "none" } : await libraryOf(source, elf, functions);
  } catch (error) {
    if (error instanceof ElfError) return { kind: "none" };
    throw error;
  }
}

/** The field that all functions of a name are about; null where one of them is not understood, or about another one. */
async function fieldOf(
  source: Source,
  getters: readonly FunctionSymbol[] = [],
  understand: (code: Uint8Array) => number | null = returnedField,
): Promise<number | null> {
  const fields = new Set<number | null>();
  for (const { offset, size } of getters) {
    const length = Math.min(size === 0 ? GETTER_BYTES : size, GETTER_BYTES);
    fields.add(understand(await source.upTo(offset, length)));
  }
  return fields.size === 1 ? ([...fields][0] ?? null) : null;
}

/** A text that every SQLite has, and nothing that only knows the file format. Source: sqlite3Close (main.c) */
const MARK = "unable to close due to unfinalized statements or unfinished backups";

/** Of what a program never changes. A browser has 250 MB. */
const MAX_MARK_BYTES = 300 * 1024 * 1024;

/**
 * Whether SQLite is in a file without its functions by name: by one of its texts. `go`: in a program of Go, most likely
 * as Go code (modernc.org/sqlite). @throws whatever `read` throws
 */
export async function hasSqliteText(read: Read): Promise<boolean | "go"> {
  const source = new Source(read, MAX_MARK_BYTES);
  try {
    const elf = await readElf(source);
    for (const segment of elf.segments) {
      if (segment.type === PT_LOAD && !segment.writable && (await hasMark(source, segment)))
        return (await isGoProgram(source, elf)) ? "go" : true;
    }
    return false;
  } catch (error) {
    if (error instanceof ElfError) return false;
    throw error;
  }
}

async function hasMark(source: Source, { offset, size }: Segment): Promise<boolean> {
  const step = PIECE_BYTES - MARK.length;
  for (let start = 0; start < size; start += step) {
    const piece = await source.upTo(offset + start, Math.min(PIECE_BYTES, size - start));
    if (piece.includes(MARK, 0, "latin1")) return true;
    if (piece.length === 0) return false;
  }
  return false;
}
