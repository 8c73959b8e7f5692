/** A form in which a library is given its connections, or why it does not take that form. */
export type Takes = 'yes' | { readonly no: string };

/** A library of the table. */
export interface Library {
  /** Program in programs/, without `.mjs`. */
  readonly program: string;
  /** Folder in node_modules. */
  readonly packageName: string;
  /** Name in the table, where it is not that of the folder. */
  readonly title?: string;
  /** Whether it takes a client. */
  readonly client: Takes;
  /** Whether it takes options, and builds its own clients from them. */
  readonly options: Takes;
  /** What was done, and the result of which was checked. */
  readonly work: string;
  /** What a user has to know. */
  readonly note?: string;
}

const CLIENT_ONLY = { no: 'takes clients only' } as const;

export const libraries: readonly Library[] = [
  {
    program: 'rate-limiter-flexible',
    packageName: 'rate-limiter-flexible',
    client: 'yes',
    options: CLIENT_ONLY,
    work: 'a limit is reached',
  },
];
