/**
 * `events/SYSTEM/EVENT/format`: where the fields of an event are. Numbers, offsets and names differ between kernels.
 * Source: Documentation/trace/events.rst, kernel/trace/trace_events.c (f_show).
 */
import { ParseError } from "../errors.ts";

export interface Field {
  /** In bytes, from the start of the record. */
  readonly offset: number;
  readonly size: number;
}

export interface EventFormat {
  readonly name: string;
  /** The first two bytes of each record. */
  readonly id: number;
  readonly fields: ReadonlyMap<string, Field>;
  /** Numbers that the kernel prints as names, in `print fmt`: of flags and of types. */
  readonly symbols: ReadonlyMap<string, number>;
}

const FIELD = /^\tfield:.+?(\w+)(?:\[[^\]]*\])?;\toffset:(\d+);\tsize:(\d+);\tsigned:[01];$/;
const SYMBOL = /\{ (0x[0-9a-f]+|\d+)U?L?, "(\w+)" \}/gi;

/** @throws ParseError */
export function parseFields(text: string, file: string): Map<string, Field> {
  const fields = new Map<string, Field>();
  for (const line of text.split("\n")) {
    if (!line.startsWith("\tfield:")) continue;
    const [, name, offset, size] = FIELD.exec(line) ?? [];
    if (name === undefined) throw new ParseError(file, line);
    fields.set(name, { offset: Number(offset), size: Number(size) });
  }
  return fields;
}

/** @throws ParseError */
export function parseFormat(text: string, file = "events/SYSTEM/EVENT/format"): EventFormat {
  const name = /^name: (\w+)$/m.exec(text)?.[1];
  const id = /^ID: (\d+)$/m.exec(text)?.[1];
  if (name === undefined || id === undefined) throw new ParseError(file, text);
  const print = /^print fmt: (.*)$/m.exec(text)?.[1] ?? "";
  const symbols = [...print.matchAll(SYMBOL)].map(([, value, symbol]) => [symbol ?? "", Number(value)] as const);
  return { name, id: Number(id), fields: parseFields(text, file), symbols: new Map(symbols) };
}

/**
 * The field under the first of these names that the kernel has, of one of these sizes. Its size and place are checked
 * here, once, so that nothing is read beside it later. @throws ParseError
 */
export function fieldOf(format: EventFormat, names: readonly string[], sizes: readonly number[]): Field {
  const name = names.find((candidate) => format.fields.has(candidate));
  const field = name === undefined ? undefined : format.fields.get(name);
  const aligned = field !== undefined && field.offset % Math.max(1, Math.min(field.size, 4)) === 0;
  if (field === undefined || !sizes.includes(field.size) || !aligned)
    throw new ParseError(`events/${format.name}/format`, `${names[0]}: ${JSON.stringify(field ?? null)}`);
  return field;
}

/** As {@link fieldOf}; null where the event has no such field. @throws ParseError */
export function fieldIfAny(format: EventFormat, name: string, sizes: readonly number[]): Field | null {
  return format.fields.has(name) ? fieldOf(format, [name], sizes) : null;
}
