import type { ExitCode } from '../operations/exit-codes.js';

/** The command did its work and has said everything, and what it found asks for this exit code. */
export class FoundWanting extends Error {
  override readonly name = 'FoundWanting';

  constructor(readonly exitCode: ExitCode) {
    super('found wanting');
  }
}
