/** Where connections were opened that were not closed, and how they ended. Pure. */
import type { ConnectionSummary } from "../../recording/summary-line.ts";
import { escapeText } from "../../text/escape.ts";
import { grouped } from "../../text/list.ts";
import type { Column } from "../watch/table.ts";
import { siteText } from "./call-site.ts";
import { databaseName } from "./places.ts";

export interface ConnectionRow extends ConnectionSummary {
  /** Escaped, as the line of code. */
  readonly name: string;
  readonly where: string;
}

/** From so many on they are worth a row, however they ended. */
const MANY = 20;

export const CONNECTION_COLUMNS: readonly Column<ConnectionRow>[] = [
  { name: "OPENED", value: ({ opened }) => grouped(opened), right: true },
  { name: "CLOSED", value: ({ closed }) => grouped(closed), right: true },
  { name: "DROPPED", value: ({ collected }) => grouped(collected), right: true },
  { name: "LEFT", value: ({ open, processEnded }) => grouped(open + processEnded), right: true },
  { name: "FAILED", value: ({ notOpened }) => grouped(notOpened), right: true, minTableWidth: 100 },
  { name: "DATABASE", value: ({ name }) => name, cut: true, minTableWidth: 100 },
  { name: "DRIVER", value: ({ driver }) => escapeText(driver), cut: true, minTableWidth: 100 },
  { name: "OPENED AT", value: ({ where }) => where, cut: true },
];

export const CONNECTION_LEGEND =
  "DROPPED: without close(). LEFT: open at the end of the recording, or of their process.";

/** Those that say something: a program that opens one connection and ends with it needs no row. */
export function connectionRows(
  connections: readonly ConnectionSummary[],
  databases: readonly { readonly path: string }[],
  folder: string | null,
): ConnectionRow[] {
  return connections
    .filter(
      ({ collected, open, processEnded, notOpened, opened, processes }) =>
        collected + notOpened > 0 || open + processEnded > processes || opened >= MANY,
    )
    .map((each) => ({
      ...each,
      name: each.path === null ? escapeText(each.memory ?? ":memory:") : databaseName(each.path, databases),
      where: each.openedAt === null ? "?" : siteText(each.openedAt, folder),
    }));
}
