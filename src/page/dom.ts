/** Elements of the page. All text goes in as text: nothing of a recording is read as HTML. */
import type { Content } from "../render/page/element.ts";

type Child = Node | string | null;

export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((each) => each !== null));
  return element;
}

export function button(text: string, title: string, onClick: () => void): HTMLButtonElement {
  const element = make("button", { type: "button", title, ...(text.length < 2 && { "aria-label": title }) }, text);
  element.addEventListener("click", onClick);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** SVG that is data: as the builder of the page has it. */
export function svgNode(content: Content): Node {
  if (typeof content === "string") return document.createTextNode(content);
  const element = document.createElementNS(SVG, content.tag);
  for (const [name, value] of Object.entries(content.attributes)) element.setAttribute(name, String(value));
  element.append(...content.children.map(svgNode));
  return element;
}
