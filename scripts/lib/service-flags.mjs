/**
 * Flags of Node with which the service runs (docs/adr/0050). `npm start`, `npm run demo` and the image name them themselves;
 * scripts/check-containers.mjs compares. One helper thread of V8: each of the usual four keeps tens of MiB of what it compiled with.
 */
export const SERVICE_FLAGS = ['--v8-pool-size=1'];
