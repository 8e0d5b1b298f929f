/** `chat/1.0` → text of the schema. */
export type SchemaFiles = ReadonlyMap<string, string>;
/** `chat/1.0` → SHA-256 of the file, hexadecimal. */
export type PublishedSchemas = Readonly<Record<string, string>>;

export function sha256(text: string): string;
/** Problems as sentences; empty when all is well. `newest`: `chat` → `1.0`, by the catalogue. */
export function checkCompatibility(contract: {
  readonly files: SchemaFiles;
  readonly published: PublishedSchemas;
  readonly newest: ReadonlyMap<string, string>;
}): string[];
/** The manifest with what is new. */
export function recorded(files: SchemaFiles, published: PublishedSchemas): Record<string, string>;
