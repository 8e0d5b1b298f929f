/**
 * The advisory locks of the service in its database, all in one place: two uses of one number would wait for each other.
 * Taken within a transaction (`pg_advisory_xact_lock`) and held until its end.
 */
export const ADVISORY_LOCKS = {
  /** Which name leads to which streamer. */
  names: 1_818_850_401,
  /** Which labels give something. */
  labels: 1_818_850_402,
  /** History is maintained by one replica at a time. */
  maintenance: 1_818_850_403,
  /** Webhooks are added, so that their limit holds. */
  webhooks: 1_818_850_404,
  /** Proxy pools and their proxies. Rare, so one for all. */
  proxyPools: 1_818_850_405,
  /** Shared by the fold, alone by an erasure: the function `livetap_erase_viewer` names it as well. */
  erasure: 1_818_850_406,
  /** Keys are added and changed, so that names are unique and their limit holds. */
  apiKeys: 1_818_850_407,
} as const;

/** First half of the fold's locks; the second is a bucket of the room. Two halves: another space than the numbers above. */
export const FOLD_LOCKS = 1_818_850_402;
