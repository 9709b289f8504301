/** Lines that are filled word by word, in time linear in the length of the text, whatever it is made of. Pure. */
import widthOf from "./width.ts";

export class LineFiller {
  readonly #lines: string[] = [];
  #line = "";
  /** In columns of a terminal. */
  #width = 0;
  /** The same, without the blanks at the end. */
  #inkWidth = 0;
  #room: number;

  /** `room`: the columns of the first line. */
  constructor(room: number) {
    this.#room = room;
  }

  /** The line has no more than blanks. */
  get isBlank(): boolean {
    return this.#inkWidth === 0;
  }

  get isEmpty(): boolean {
    return this.#line === "";
  }

  /** Blanks at the end of the word need none. */
  hasRoomFor(word: string): boolean {
    return this.#inkWidthWith(word) <= this.#room;
  }

  add(word: string): void {
    this.#inkWidth = this.#inkWidthWith(word);
    this.#width += widthOf(word);
    this.#line += word;
  }

  /** Begins a line, with `start`. */
  next(start: string, room: number): void {
    this.#lines.push(this.#line.trimEnd());
    [this.#line, this.#width, this.#inkWidth, this.#room] = ["", 0, 0, room];
    this.add(start);
  }

  text(): string {
    return [...this.#lines, this.#line.trimEnd()].join("\n");
  }

  #inkWidthWith(word: string): number {
    const ink = word.trimEnd();
    return ink === "" ? this.#inkWidth : this.#width + widthOf(ink);
  }
}
