/** An index that can be compared with its table by a merge of both. Pure. */

export interface KeyColumn {
  readonly name: string;
  /** That of the index, which may be another than the column's. */
  readonly collation: string;
  readonly descending: boolean;
}

/** Of a rowid table, without expressions and without a WHERE. */
export interface OrdinaryIndex {
  readonly name: string;
  readonly root: number;
  readonly table: string;
  readonly tableRoot: number;
  /** A name of the rowid that no column has. */
  readonly rowid: string;
  readonly unique: boolean;
  /** Without the rowid, which is the last field of each record. */
  readonly columns: readonly KeyColumn[];
}
