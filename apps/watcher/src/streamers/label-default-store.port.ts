import type { LabelDefaults, PlainSettings } from './streamer-settings.js';

/** Most labels with defaults: all of them are read with every streamer. */
export const MAX_LABEL_DEFAULTS = 200;

/** What streamers take from their labels. All failures are DatabaseErrors. */
export interface LabelDefaultStore {
  /** All of them, by label in the order of code points. */
  all(): Promise<readonly LabelDefaults[]>;
  /** Sets what a label gives, in the place of what it gave; undefined when there are `MAX_LABEL_DEFAULTS` others. */
  put(label: string, precedence: number, settings: PlainSettings): Promise<LabelDefaults | undefined>;
  /** False when the label gave nothing. */
  remove(label: string): Promise<boolean>;
}

export const LABEL_DEFAULT_STORE = Symbol('LabelDefaultStore');
