import { constants, gunzipSync, gzipSync } from 'node:zlib';

/** The form that the Kafka client wants codecs in. */
export interface CompressionCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/**
 * Gzip on the calling thread, at the fastest level. The client packs the partitions of a request one after the other; a
 * round trip to zlib's threads for each of some hundred small pieces would cost a turn of a busy event loop each, which
 * holds a request up for seconds, where the packing itself takes some microseconds an event.
 */
export const GZIP_CODEC: CompressionCodec = {
  async compress({ buffer }) {
    return gzipSync(buffer, { level: constants.Z_BEST_SPEED });
  },
  async decompress(buffer) {
    return gunzipSync(buffer);
  },
};
