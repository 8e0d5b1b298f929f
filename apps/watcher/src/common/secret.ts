import { inspect } from 'node:util';

/** Stands where a secret was. */
export const MASK = '[secret]';

/**
 * A value that must not be seen: printing, joining, inspecting or serialising it gives `[secret]`. Only `reveal()`
 * hands it out, to the one call that needs it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
