/** Gzipped push frames of a busy room, the same for the same seed. */
export function realisticFrames(
  proto: typeof import('../../libs/connector/src/proto/index.js'),
  options?: { readonly seed?: number; readonly frames?: number; readonly gzip?: boolean },
): readonly Uint8Array[];
