// The catalogue of mutants: small deliberate faults in the code that keeps the promises of delivery.
import { HISTORY } from './history.mjs';
import { JOURNAL } from './journal.mjs';
import { LEASES_AND_HISTORY } from './leases-and-history.mjs';
import { PIPELINE } from './pipeline.mjs';
import { PUBLISHING } from './publishing.mjs';
import { RESTART } from './restart.mjs';
import { SECRETS } from './secrets.mjs';

/** @type {readonly import('../../scripts/lib/mutants/types.d.mts').Mutant[]} */
export const CATALOGUE = [
  ...PUBLISHING,
  ...JOURNAL,
  ...PIPELINE,
  ...RESTART,
  ...LEASES_AND_HISTORY,
  ...HISTORY,
  ...SECRETS,
];
