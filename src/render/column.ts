/** A column of a table: its header, and what it shows of a row. Each table has its columns in one list. */

export interface TableColumn<Row> {
  /** The header. */
  readonly name: string;
  /** Escaped text. */
  readonly value: (row: Row) => string;
  readonly right?: true;
  /** Its end may be cut off. */
  readonly cut?: true;
}
