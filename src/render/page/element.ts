/** Parts of an HTML page as data: what they hold is escaped here, and nowhere else. The page itself has this, too. */

export type Content = Element | string;

export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly Content[];
}

/** `attributes`: names that the code writes, never those of a recording. No `style`: the page's policy forbids it. */
export function el(
  tag: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  ...children: readonly (Content | readonly Content[] | null)[]
): Element {
  const given = Object.entries(attributes).filter((each): each is [string, string | number] => each[1] !== undefined);
  return { tag, attributes: Object.fromEntries(given), children: children.flat().filter((each) => each !== null) };
}

const VOID: ReadonlySet<string> = new Set(["meta", "link", "br", "hr", "input", "img"]);

export function toHtml(content: Content): string {
  if (typeof content === "string") return escapeHtml(content);
  const { tag, attributes, children } = content;
  const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeHtml(String(value))}"`);
  const start = `<${tag}${given.join("")}>`;
  return VOID.has(tag) ? start : `${start}${children.map(toHtml).join("")}</${tag}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text and for the values of attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? "");
}
