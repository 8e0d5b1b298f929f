export const KEPT_SHARE: number;

/** What is guarded, and what it is compared with. */
export interface GuardPair {
  ours(): unknown;
  yardstick(): unknown;
}

export function measureGuard(
  pairs: Readonly<Record<string, GuardPair>>,
  pace?: { readonly rounds?: number; readonly turnMicros?: number },
): Promise<Record<string, number>>;

export function fallen(
  measured: Readonly<Record<string, number>>,
  committed: Readonly<Record<string, number>>,
): readonly { readonly name: string; readonly measured: number; readonly committed: number }[];
