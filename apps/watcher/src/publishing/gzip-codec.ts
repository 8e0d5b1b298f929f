import { constants, gunzipSync, gzipSync } from 'node:zlib';

/** The form that the Kafka client wants codecs in. */
export interface CompressionCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/**
 * Gzip on the calling thread, for what this process reads from topics: the client unpacks the partitions of an answer one
 * after the other, and a round trip to zlib's threads for each of some hundred small pieces would cost a turn of a busy
 * event loop each. What it publishes is packed by `BatchSealer`, at the same level.
 */
export const GZIP_CODEC: CompressionCodec = {
  async compress({ buffer }) {
    return gzipSync(buffer, { level: constants.Z_BEST_SPEED });
  },
  async decompress(buffer) {
    return gunzipSync(buffer);
  },
};
