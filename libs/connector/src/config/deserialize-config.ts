/** Which messages are decoded, and what errors may quote. */
export interface IWebcastDeserializeConfig {
  /** Methods or type names that are not decoded: only `rawData` comes for them. */
  skipMessageTypes: string[];
  /** When set, only these methods or type names are decoded; wins over `skipMessageTypes`. */
  includeMessageTypes: string[] | null;
  /** Errors of decoding carry the bytes as base64. */
  showBase64OnDecodeError: boolean;
}

/** The shared settings of decoding. One mutable object, read at each message. */
export const WebcastDeserializeConfig: IWebcastDeserializeConfig = {
  skipMessageTypes: [],
  includeMessageTypes: null,
  showBase64OnDecodeError: true,
};

/** True when messages of this method are to be decoded. */
export function isDecodingWanted(method: string, typeName: string): boolean {
  const { includeMessageTypes: include, skipMessageTypes: skip } = WebcastDeserializeConfig;
  if (include) return include.includes(method) || include.includes(typeName);
  return skip.length === 0 || !(skip.includes(method) || skip.includes(typeName));
}
