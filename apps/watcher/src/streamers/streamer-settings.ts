import type { SocketSource } from '../rooms/sources/socket-source.js';

/** Settings that a streamer may have of its own, or take from one of its labels. None of them is secret. */
export interface PlainSettings {
  /** 0 (least) to 100 (most). */
  readonly priority?: number;
  /** Proxy pool through which the streamer is reached. */
  readonly proxyPool?: string;
  /** Language that TikTok is asked in, as in `de` or `zh-Hant`. */
  readonly language?: string;
  /** Country that requests claim to come from: two capital letters. */
  readonly region?: string;
  /** Shortest interval of live checks, ms. */
  readonly checkIntervalMs?: number;
  /** Longest interval of live checks, ms; never shorter than the other. */
  readonly checkIntervalMaxMs?: number;
  /** So long without a frame makes a socket suspicious, ms. */
  readonly silenceMs?: number;
  /** Ways to a socket address, in this order; at least one, each once. */
  readonly socketSources?: readonly SocketSource[];
}

export type SettingName = keyof PlainSettings;

export const SETTING_NAMES = [
  'priority',
  'proxyPool',
  'language',
  'region',
  'checkIntervalMs',
  'checkIntervalMaxMs',
  'silenceMs',
  'socketSources',
] as const satisfies readonly SettingName[];

/** A change of them: null takes a setting back, so that the next source counts again. */
export type PlainSettingsChange = { readonly [K in SettingName]?: PlainSettings[K] | null };

/** What streamers with a label take unless they set it themselves. */
export interface LabelDefaults {
  readonly label: string;
  /** 0 to 100. Of several labels with the same setting the highest counts, then the first in the order of code points. */
  readonly precedence: number;
  readonly settings: PlainSettings;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What counts for a streamer of one setting, and where it comes from. */
export interface EffectiveSetting {
  readonly value: string | number | readonly string[];
  readonly from: 'streamer' | 'label' | 'service';
  /** The label, when it comes from one. */
  readonly label?: string;
}

export type EffectiveSettings = { readonly [K in SettingName]?: EffectiveSetting };

/** Priority of a streamer for which nobody set any. */
export const DEFAULT_PRIORITY = 50;

/** The defaults of these labels, the one that counts most first. */
export function inOrder(labels: readonly string[], defaults: readonly LabelDefaults[]): readonly LabelDefaults[] {
  return defaults
    .filter(({ label }) => labels.includes(label))
    .sort((a, b) => b.precedence - a.precedence || compare(a.label, b.label));
}

/** Each setting from the first that has it: the streamer itself, its labels in their order, the service. */
export function effectiveSettings(
  own: PlainSettings,
  labels: readonly LabelDefaults[],
  service: PlainSettings = {},
): EffectiveSettings {
  const effective: Partial<Record<SettingName, EffectiveSetting>> = {};
  for (const name of SETTING_NAMES) {
    const ownValue = own[name];
    const label = labels.find(({ settings }) => settings[name] !== undefined);
    const labelValue = label?.settings[name];
    const serviceValue = service[name];
    if (ownValue !== undefined) effective[name] = { value: ownValue, from: 'streamer' };
    else if (label !== undefined && labelValue !== undefined)
      effective[name] = { value: labelValue, from: 'label', label: label.label };
    else if (serviceValue !== undefined) effective[name] = { value: serviceValue, from: 'service' };
  }
  return effective;
}

/** The values alone. */
export function valuesOf(effective: EffectiveSettings): PlainSettings {
  return Object.fromEntries(Object.entries(effective).map(([name, { value }]) => [name, value]));
}

/** The settings of a change without those that it takes back, and what it says of no setting. */
export function changedSettings(own: PlainSettings, change: PlainSettingsChange): PlainSettings {
  const merged = new Map<SettingName, unknown>();
  for (const name of SETTING_NAMES) {
    const value = change[name] === undefined ? own[name] : change[name];
    if (value !== undefined && value !== null) merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

/** Only the plain settings of something that has others as well; null and values are kept, absent ones are not made. */
export function plainChangeOf(settings: PlainSettingsChange): PlainSettingsChange {
  return Object.fromEntries(
    SETTING_NAMES.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]]])),
  );
}

/** The order of code points, the same in every place and language. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
