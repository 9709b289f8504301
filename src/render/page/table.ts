/** A table of a page: it can be scrolled sideways where it is wider than the page. Pure. */
import { type Content, type Element, el } from "./element.ts";

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row, index: number) => Content | readonly Content[];
  readonly right?: boolean;
  readonly wide?: boolean;
}

export interface TableOptions<Row> {
  readonly caption: string;
  /** Attributes of each row. */
  readonly attributes?: (row: Row, index: number) => Readonly<Record<string, string | number | undefined>>;
}

export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], options: TableOptions<Row>): Element {
  const classOf = ({ right, wide }: Column<Row>) => (right === true ? "number" : wide === true ? "wide" : undefined);
  const head = columns.map((column) => el("th", { scope: "col", class: classOf(column) }, column.name));
  const body = rows.map((row, i) =>
    el(
      "tr",
      options.attributes?.(row, i),
      // On a phone the name stands beside the value.
      ...columns.map((each) => el("td", { class: classOf(each), "data-name": each.name }, cellOf(each, row, i))),
    ),
  );
  return el(
    "div",
    { class: "table", tabindex: 0, role: "region", "aria-label": options.caption },
    el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, body)),
  );
}

function cellOf<Row>({ cell }: Column<Row>, row: Row, index: number): readonly Content[] {
  const content = cell(row, index);
  return Array.isArray(content) ? (content as readonly Content[]) : [content as Content];
}

/** A part of a page with its heading. */
export function section(
  id: string,
  title: string,
  ...content: readonly (Content | readonly Content[] | null)[]
): Element {
  return el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), ...content);
}
