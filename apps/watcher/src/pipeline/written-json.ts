/** A part of an event that is JSON already, kept as its text. */
export class WrittenJson {
  constructor(readonly text: string) {}

  /** For events that are serialised as a whole. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
