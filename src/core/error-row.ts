/** One row of the error table: what the code means, and what its reader should do. */
export interface ErrorRow {
  readonly meaning: string;
  readonly remedy: string;
}
