/** What was recognised: the message, where it stands in the text, who said it, and where in the code it was raised. */
import type { Explanation, Message, OtherMessage } from "../../features/explain/explanation.ts";
import type { RaisedAt } from "../../features/explain/frames/index.ts";
import { libraryName } from "../../features/explain/libraries.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { cut } from "../layout.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";
import { bold } from "./labelled.ts";

export function messageHead(message: Message, { others, lines }: Explanation, style: Style): string {
  const { found, code, extended } = message;
  const parts = [bold(message.title, style)];
  const repeats = found !== null && lines === 1 && found.text.toLowerCase() === message.title.toLowerCase();
  if (found !== null && !repeats) {
    const often = found.count === 1 ? "" : `, ${count(found.count, "time")}`;
    parts.push(paragraph(`  Line ${found.line}${often}: ${cutWords(escapeText(found.text), style)}`, "    ", style));
  }
  const source = saidBy(message, lines !== 1);
  const named = code === null ? "No SQLite result code" : `${code.name} (${code.number})`;
  const more = extended === null ? "" : `, extended: ${extended.name} (${extended.number})`;
  parts.push(paragraph(`  ${source}${named}${more}.`, "  ", style));
  if (extended !== null) parts.push(paragraph(`  ${extended.meaning}`, "  ", style));
  parts.push(...raisedText(message).map((text) => paragraph(`  ${text}`, "    ", style)));
  if (message.alsoSaidBy.length > 0)
    parts.push(paragraph(`  Also reported by ${message.alsoSaidBy.map(speakerText).join(", ")}.`, "    ", style));
  if (others.length > 0)
    parts.push(
      paragraph(
        `  ${found === null ? "The same code" : "Also in the text"}: ${others.map(otherText).join("; ")}.`,
        "    ",
        style,
      ),
    );
  return parts.join("\n");
}

const MAX_PLACES = 3;

/** `Raised here: orders/views.py:42, in checkout`. The innermost frame of the user's own code. */
function raisedText({ raisedAt, alsoRaisedAt }: Message): string[] {
  const others = alsoRaisedAt.slice(0, MAX_PLACES).map((place) => `${placeText(place)}${often(place.count)}`);
  const more = alsoRaisedAt.length - others.length;
  if (more > 0) others.push(`${count(more, "more place")}`);
  return [
    ...(raisedAt === null ? [] : [`Raised here: ${placeText(raisedAt)}`]),
    ...(others.length === 0 ? [] : [`${raisedAt === null ? "Raised" : "Also raised"} here: ${others.join("; ")}`]),
  ];
}

function placeText({ file, line, function: name }: RaisedAt): string {
  return escapeText(`${file}:${line}${name === null ? "" : `, in ${name}`}`);
}

function often(times: number): string {
  return times === 1 ? "" : ` (${times} times)`;
}

/** A word that is wider than the terminal would break the paragraph. */
function cutWords(text: string, { width }: Style): string {
  const max = Math.max(20, width - 8);
  return text
    .split(" ")
    .map((word) => (widthOf(word) <= max ? word : cut(word, max, "...")))
    .join(" ");
}

function saidBy({ library, language }: Message, several: boolean): string {
  if (library === null) return language === null ? "" : `Reported by a ${language} program. `;
  const where = library.from === "nearby" && several ? ` (line ${library.line})` : "";
  return `Reported by ${libraryName(library.id)}${where}. `;
}

function speakerText({ library, language, line }: Message["alsoSaidBy"][number]): string {
  return `${library === null ? `a ${language} program` : libraryName(library)} (line ${line})`;
}

function otherText({ title, extended, count: times, line }: OtherMessage): string {
  const what = extended === null ? title : `${title} with ${extended.name} (${extended.number})`;
  return line === null ? what : `${times === 1 ? "" : `${count(times, "time")} `}${what} (line ${line})`;
}
