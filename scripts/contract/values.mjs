// JSON Schemas of the contract's kinds of text and number.

/** Type aliases of the contract that stand for a kind of text or number. */
export const NAMED_VALUES = {
  DecimalString: { type: 'string', pattern: '^-?\\d+$' },
  Integer: { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  Count: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  Timestamp: { type: 'string', format: 'date-time', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' },
  HttpsUrl: { type: 'string', pattern: '^https://' },
  Base64: { type: 'string', contentEncoding: 'base64' },
  SequenceText: { type: 'string', pattern: '^\\d{8}-\\d{12}$' },
  EventTypeText: { type: 'string', pattern: '^livetap\\.[A-Za-z]\\w*(\\.[A-Za-z]\\w*)*\\.v\\d+$' },
  SchemaUrn: { type: 'string', pattern: '^urn:livetap:schema:[A-Za-z]\\w*(\\.[A-Za-z]\\w*)*:\\d+\\.\\d+$' },
};

/** The same object with its members in the order of their names. */
export const sorted = (object) =>
  Object.fromEntries(Object.entries(object).sort(([left], [right]) => (left < right ? -1 : 1)));
