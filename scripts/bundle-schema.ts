/**
 * A schema with all that it refers to in other schemas, so that one file validates a document: a compound document of
 * JSON Schema, in which `$defs` holds what is used of the others under their own `$id`. For validators: the
 * descriptions are left out. Pure. Source: https://json-schema.org/draft/2020-12/json-schema-core#section-9.3
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Schema = { readonly [key: string]: Json };

/**
 * Null where it refers to no other schema.
 *
 * @throws where a reference leads nowhere
 */
export function bundled(schema: Schema, others: readonly Schema[]): Schema | null {
  const byId = new Map(others.map((other) => [String(other["$id"]), other]));
  const used = usedOf(schema, byId);
  if (used.size === 0) return null;
  const embedded = [...used].map(([id, pointers]) => [id, part(schemaOf(byId, id), pointers, id)] as const);
  const $defs = { ...(schema["$defs"] as Schema | undefined), ...Object.fromEntries(embedded) };
  return withoutDescriptions({ ...schema, $defs }) as Schema;
}

/** A property of that name is an object. */
function withoutDescriptions(node: Json): Json {
  if (typeof node !== "object" || node === null) return node;
  if (Array.isArray(node)) return node.map(withoutDescriptions);
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) =>
      key === "description" && typeof value === "string" ? [] : [[key, withoutDescriptions(value)]],
    ),
  );
}

/** By schema: the JSON pointers that are referred to, from the schema itself and from what it refers to. */
function usedOf(schema: Schema, byId: ReadonlyMap<string, Schema>): ReadonlyMap<string, ReadonlySet<string>> {
  const used = new Map<string, Set<string>>();
  const visit = (node: Json, home: string | null) => {
    for (const ref of refsIn(node)) {
      const [id = "", pointer = ""] = ref.split("#");
      const target = id === "" ? home : id;
      if (target === null) continue; // of the schema itself
      const known = used.get(target) ?? new Set();
      used.set(target, known);
      if (known.has(pointer)) continue;
      known.add(pointer);
      visit(at(schemaOf(byId, target), pointer, ref), target);
    }
  };
  visit(schema, null);
  return used;
}

function schemaOf(byId: ReadonlyMap<string, Schema>, id: string): Schema {
  const schema = byId.get(id);
  if (schema === undefined) throw new Error(`there is no schema ${id}`);
  return schema;
}

function refsIn(node: Json): string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === "$ref" && typeof value === "string" ? [value] : refsIn(value),
  );
}

function at(schema: Schema, pointer: string, ref: string): Json {
  const value = keysOf(pointer).reduce<Json | undefined>((node, key) => (node as Schema | undefined)?.[key], schema);
  if (value === undefined) throw new Error(`${ref} leads nowhere`);
  return value;
}

/** Of these names none has a `~` or a `%`. */
function keysOf(pointer: string): string[] {
  return pointer.split("/").slice(1);
}

/** What the pointers lead to, at the same places, with the types on the way (which strict validators want). */
function part(schema: Schema, pointers: ReadonlySet<string>, id: string): Schema {
  if (pointers.has("")) return schema;
  const keep = (node: Schema, prefix: string): Schema =>
    Object.fromEntries(
      Object.entries(node).flatMap(([key, value]) => {
        const pointer = `${prefix}/${key}`;
        if (pointers.has(pointer) || (prefix === "" && key === "$schema")) return [[key, value]];
        const leads = [...pointers].some((each) => each.startsWith(`${pointer}/`));
        if (leads) return [[key, keep(value as Schema, pointer)]];
        return key === "type" && typeof value === "string" ? [[key, value]] : [];
      }),
    );
  return { $id: id, ...keep(schema, "") };
}
