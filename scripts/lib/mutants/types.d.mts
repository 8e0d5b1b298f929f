/** A test: a file, and a part of its name where not the whole file counts. */
export interface Killer {
  readonly file: string;
  readonly test?: string;
  /** The file whose text has that name, where it is not `file` (suites that several files share). */
  readonly writtenIn?: string;
}

export interface Edit {
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly id: string;
  readonly area: string;
  /** From the root of the repository. */
  readonly file: string;
  readonly edits: readonly Edit[];
  /** What would no longer hold. */
  readonly promise: string;
  /** Tests that must notice it; whole files where it survives. */
  readonly killers: readonly Killer[];
  /** Quick: CI runs it. */
  readonly sample?: true;
  /** Why no test can notice it. */
  readonly survives?: string;
}

export interface SaidError {
  /** Names of the error and of its causes. */
  readonly names: readonly string[];
  readonly message: string;
}

export interface Report {
  readonly files: readonly {
    readonly file: string;
    readonly errors: readonly SaidError[];
    readonly tests: readonly {
      readonly name: string;
      readonly state: string;
      readonly errors: readonly SaidError[];
    }[];
  }[];
  readonly unhandled: readonly SaidError[];
}

/** What came of running the tests: a report, or why there is none. */
export type TestRun = { readonly report: Report } | { readonly failure: string };

export interface Judgement {
  readonly verdict: 'killed' | 'survived' | 'invalid';
  readonly by?: { readonly file: string; readonly test: string };
  readonly detail?: string;
}

export interface Outcome extends Judgement {
  readonly id: string;
  readonly promise: string;
  readonly expected: boolean;
  readonly seconds: number;
}
