/** How many columns of a terminal a text takes. */
import stringWidth from "string-width";

/**
 * As string-width, which takes a hundred times as long: most texts are printable ASCII. The bundle gives this to
 * cli-table3 as well.
 */
export default function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}
