const PLANTED_SPEC = 'test/system/planted-secrets.spec.ts';
const PLANTED = 'are in no log, metric, answer, event, topic, file or table, whatever goes wrong';
const REDACTOR = 'apps/watcher/src/common/redactor.ts';
const VAULT = 'apps/watcher/src/streamers/streamer-vault.ts';
const area = 'Secrets';

/** @type {readonly import('../../scripts/lib/mutants/types.d.mts').Mutant[]} */
export const SECRETS = [
  {
    id: 'secrets-not-redacted',
    area,
    file: REDACTOR,
    edits: [{ find: 'let covered = text;', replace: 'let covered = text;\n    if (text.length >= 0) return text;' }],
    promise: 'What servers say is shown without the secrets that it quotes.',
    killers: [{ file: PLANTED_SPEC, test: PLANTED }],
  },
  {
    id: 'secrets-of-streamers-not-learned',
    area,
    file: REDACTOR,
    edits: [
      {
        find: 'for (const secret of secrets) for (const form of formsOf(secret)) this.#learned.get(form, () => form);',
        replace: 'if (secrets.length > 1_000) this.#learned.get(MASK, () => MASK);',
      },
    ],
    promise: 'Passwords of proxies and logins are known to the redactor as soon as they are used.',
    killers: [
      { file: 'apps/watcher/src/common/redactor.spec.ts', test: 'is shown without the secrets that it quotes' },
    ],
  },
  {
    id: 'proxy-url-stored-open',
    area,
    file: VAULT,
    edits: [
      {
        find: 'return this.#sealAddress(proxyUse(streamerId), url);',
        replace: 'return url;',
      },
    ],
    promise: 'The address of a proxy with a password is stored encrypted.',
    killers: [{ file: PLANTED_SPEC, test: PLANTED }],
  },
  {
    id: 'pool-proxy-stored-open',
    area,
    file: VAULT,
    edits: [
      {
        find: 'return this.#sealAddress(poolProxyUse(proxyId), url);',
        replace: 'return url;',
      },
    ],
    promise: 'So is the address of a proxy in a pool.',
    killers: [{ file: PLANTED_SPEC, test: PLANTED }],
  },
  {
    id: 'proxy-pool-goes-round',
    area,
    file: 'apps/watcher/src/streamers/proxies/proxy-health.ts',
    edits: [{ find: 'if (!this.#resting && inARow < FAILURES) return;', replace: 'if (inARow > 0) return;' }],
    promise: 'A proxy that is dead rests, and its rooms go over to another one of its pool.',
    killers: [
      {
        file: 'test/connector/proxy.spec.ts',
        test: 'one dies: its rooms go over and the others stay; it comes back and takes its share again',
      },
    ],
  },
];
